/*
 * portvakt-api --check: reads the configuration as the service would, says on
 * standard error what is wrong with it, and answers nobody.
 */
#pragma once

/*
 * Of root it becomes the service's user, where there is one, for whom secrets
 * and the trust image are readable. An exit status: 0, 78 when the service
 * would not start, 71 when the operating system refused something.
 */
int config_check_run(const char *config_dir, const char *trust);
