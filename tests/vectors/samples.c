#include "tests/vectors/samples.h"

const char sample_legacy_login[] =
    "{\"sub\":\"-v-lcae5rGG-jlvzuv9Y9H7R8NmAeM2-kh0qWb-vPIE=\","
    "\"aud\":\"test_rp_yt2\",\"acr\":\"Level4\",\"auth_time\":1497605218,"
    "\"amr\":\"BankID\","
    "\"iss\":\"https://oidc-yt2.difi.eon.no/idporten-oidc-provider/\","
    "\"pid\":\"23079410918\",\"exp\":1497605382,\"locale\":\"nb\","
    "\"iat\":1497605262,\"nonce\":\"min_fine_nonce_verdi\","
    "\"jti\":\"Hgb3zwO9g0bjmSbCCtQCxMowsZEu00lCJ2Exg4Zhv3g=\"}";

const char sample_ansattporten_login[] =
    "{\"sub\":\"z9RuQiLefXmJOBnywa_c75YQMH05nDsHjw0RFzuJC8M\","
    "\"amr\":[\"TestID\"],\"iss\":\"https://test.ansattporten.no\","
    "\"pid\":\"45840375084\",\"locale\":\"en\","
    "\"nonce\":\"h3DeaRXe4pVXEdYAwR4hxeOtG2DHwF_zIDvjAAWf-x0\","
    "\"sid\":\"-EuMkNN8AuLgMhbXgID7ewtpC4Kuw-HS1dXWi7zo8Dc\","
    "\"aud\":\"ansattporten_demo_client_prod\",\"acr\":\"high\","
    "\"authorization_details\":[{"
    "\"resource\":\"urn:altinn:resource:2480:40\","
    "\"type\":\"ansattporten:altinn:service\","
    "\"resource_name\":\"Produkter og tjenester fra "
    "Br\xc3\xb8nn\xc3\xb8ysundregistrene\","
    "\"reportees\":[{\"Rights\":[\"Read\",\"ArchiveDelete\","
    "\"ArchiveRead\"],\"Authority\":\"iso6523-actorid-upis\","
    "\"ID\":\"0192:987464291\","
    "\"Name\":\"DIGITALISERINGSDIREKTORATET AVD LEIKANGER\"}]}],"
    "\"auth_time\":1671033189,\"name\":\"NAMNET TIL SLUTTBRUKER\","
    "\"exp\":1671033331,\"iat\":1671033211,\"jti\":\"raWcGKMobFU\"}";

/* Ansattporten with a job account, as described: groups, and no pid. */
const char sample_entra_login[] =
    "{\"sub\":\"Wj0RFzuJC8Mz9RuQiLefXmJOBnywa\","
    "\"amr\":[\"entraid_pwd\",\"entraid_mfa\"],"
    "\"iss\":\"https://test.ansattporten.no\",\"locale\":\"nb\","
    "\"nonce\":\"h3DeaRXe4pVXEdYAwR4hxeOtG2DHwF_zIDvjAAWf-x0\","
    "\"aud\":\"ansattporten_demo_client_prod\",\"acr\":\"entraid\","
    "\"email\":\"kari.nordmann@example.no\",\"given_name\":\"Kari\","
    "\"family_name\":\"Nordmann\","
    "\"groups\":[\"7d5bc5ae-3a3b-4d2f-8d0f-0c8a2a4c2f11\","
    "\"0b1f6c9e-52aa-4f6f-9a44-7d1be1d3a0c2\"],"
    "\"authorization_details\":[{\"type\":\"ansattporten:orgno\","
    "\"authorized_parties\":[{\"orgno\":{"
    "\"authority\":\"iso6523-actorid-upis\","
    "\"ID\":\"0192:911830868\"},\"name\":\"KDI\","
    "\"rights\":[\"arkiv-les\"]}]}],"
    "\"auth_time\":1671033189,\"exp\":1671033331,\"iat\":1671033211,"
    "\"jti\":\"raWcGKMobFU\"}";

const char sample_idporten_access[] =
    "{\"sub\":\"ERIFvpD7pM6j6Xvrnz0ml53V-L_W5ZDSs3kYMs6dTVc\","
    "\"acr\":\"idporten-loa-substantial\",\"scope\":\"openid profile\","
    "\"iss\":\"https://idporten.dev\","
    "\"client_amr\":\"client_secret_basic\",\"pid\":\"21879498012\","
    "\"exp\":1678376092,\"iat\":1678375492,\"jti\":\"UPw8a6-uKGo\","
    "\"client_id\":\"democlient_idporten_systest\","
    "\"consumer\":{\"authority\":\"iso6523-actorid-upis\","
    "\"ID\":\"0192:991825827\"}}";

const char sample_maskinporten_delegated[] =
    "{\"iss\":\"https://test.maskinporten.no/\","
    "\"client_amr\":\"virksomhetssertifikat\",\"token_type\":\"Bearer\","
    "\"client_id\":\"oidc_difi_delegering_altinn\","
    "\"aud\":\"unspecified\",\"scope\":\"difitest:test2\","
    "\"supplier\":{\"authority\":\"iso6523-actorid-upis\","
    "\"ID\":\"0192:991825827\"},\"exp\":1584694440,"
    "\"delegation_source\":\"https://tt02.altinn.no/\","
    "\"iat\":1584693440,\"client_orgno\":\"991825827\",\"jti\":\"faulA3F\","
    "\"consumer\":{\"authority\":\"iso6523-actorid-upis\","
    "\"ID\":\"0192:910753614\"}}";

/* A person's number in a machine's token: nobody has logged in. */
const char sample_maskinporten_with_person[] =
    "{\"iss\":\"https://test.maskinporten.no/\",\"pid\":\"21879498012\","
    "\"sub\":\"21879498012\",\"aud\":\"unspecified\","
    "\"exp\":1584694440,\"iat\":1584693440,\"jti\":\"faulA3F\"}";

const char sample_maskinporten_admin[] =
    "{\"scope\":\"idporten:dcr.write idporten:dcr.read\","
    "\"iss\":\"https://oidc-ver2.difi.no/idporten-oidc-provider/\","
    "\"client_amr\":\"virksomhetssertifikat\",\"token_type\":\"Bearer\","
    "\"exp\":1631652891,\"iat\":1631645691,"
    "\"client_id\":\"if2018_selfservice_client\","
    "\"client_orgno\":\"991825827\","
    "\"jti\":\"ZB8dgmrrZdYV_qz6RuLTWh15Ivs3D2qK_IeN0-ia3vw\","
    "\"consumer\":{\"authority\":\"iso6523-actorid-upis\","
    "\"ID\":\"0192:991825827\"}}";

const char sample_maskinporten_system_user[] =
    "{\"iss\":\"https://maskinporten.no/\",\"scope\":\"some_scope\","
    "\"client_id\":\"c\",\"consumer\":{\"authority\":"
    "\"iso6523-actorid-upis\",\"ID\":\"0192:991825827\"},"
    "\"authorization_details\":[{\"type\":\"urn:altinn:systemuser\","
    "\"systemuser_id\":[\"u\"],\"systemuser_org\":{\"authority\":"
    "\"iso6523-actorid-upis\",\"ID\":\"0192:910753614\"},"
    "\"system_id\":\"i\"}],\"exp\":1520589928,\"iat\":1520589808,"
    "\"jti\":\"j\"}";

const char sample_tokenx[] =
    "{\"sub\":\"ERIFvpD7\",\"acr\":\"Level3\",\"scope\":\"openid profile\","
    "\"client_amr\":\"client_secret_basic\",\"pid\":\"21879498012\","
    "\"iss\":\"https://tokendings.example\",\"aud\":\"cluster:ns:target\","
    "\"client_id\":\"cluster:ns:caller\",\"idp\":\"https://idporten.dev\","
    "\"nbf\":1678375500,\"iat\":1678375500,\"exp\":1678376400,"
    "\"jti\":\"j\"}";

const char sample_logout[] =
    "{\"iss\":\"https://idporten.no\",\"aud\":\"client\",\"sub\":\"s\","
    "\"iat\":1700000000,\"exp\":1700000300,\"jti\":\"j\",\"sid\":\"s\","
    "\"events\":{\"http://schemas.openid.net/event/backchannel-logout\":"
    "{}}}";
