/*
 * The sample tokens of the Norwegian public sector's own documentation, as
 * claims: without what made them too long for a page, and else as they stand.
 * The id_token of ID-porten is login_payload (login.h).
 */
#pragma once

extern const char sample_legacy_login[];
extern const char sample_ansattporten_login[];
extern const char sample_entra_login[];
extern const char sample_idporten_access[];
extern const char sample_maskinporten_delegated[];
extern const char sample_maskinporten_with_person[];
extern const char sample_maskinporten_admin[];
extern const char sample_maskinporten_system_user[];
extern const char sample_tokenx[];
extern const char sample_logout[];
