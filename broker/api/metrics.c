#include "broker/api/metrics.h"

#include "lib/name.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum {
	ISSUERS_MAX = 17, /* those of a configuration, and nobody */
	REASONS_MAX = 128, /* of enum portvakt_reason, with room */
	WORD_SIZE = 48,
};

static const int64_t bounds_us[] = {
    25, 50, 100, 250, 500, 1000, 2500, 5000, 10000, 50000};

static const int64_t broker_bounds_ms[] = {
    1, 2, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 15000};

enum {
	BROKER_BOUNDS_COUNT =
	    sizeof(broker_bounds_ms) / sizeof(broker_bounds_ms[0])
};
enum { BOUNDS_COUNT = sizeof(bounds_us) / sizeof(bounds_us[0]) };

/* Of one worker, who alone writes it. A text is there before its count. */
struct block {
	char issuers[ISSUERS_MAX][NAME_MAX_SIZE];
	uint64_t issuers_count;
	char words[REASONS_MAX][WORD_SIZE];
	uint64_t counts[ISSUERS_MAX][REASONS_MAX];
	uint64_t buckets[BOUNDS_COUNT + 1];
	uint64_t took_us;
	uint64_t turned_away;
	uint64_t counters[METRICS_COUNTERS];
	uint64_t broker_buckets[BROKER_BOUNDS_COUNT + 1];
	uint64_t broker_took_us;
	uint64_t broker_outages;
};

struct metrics {
	struct block *blocks;
	unsigned int blocks_count;
};

static uint64_t
load(const uint64_t *counter)
{
	return __atomic_load_n(counter, __ATOMIC_ACQUIRE);
}

static void
add(uint64_t *counter, uint64_t number)
{
	__atomic_store_n(counter, *counter + number, __ATOMIC_RELEASE);
}

int
metrics_new(unsigned int workers, struct metrics **ret_metrics)
{
	struct metrics *metrics = calloc(1, sizeof(*metrics));
	void *blocks;

	if (!metrics)
		return -ENOMEM;
	blocks = mmap(NULL, workers * sizeof(struct block),
	    PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (blocks == MAP_FAILED) {
		free(metrics);
		return -ENOMEM;
	}
	metrics->blocks = blocks;
	metrics->blocks_count = workers;
	*ret_metrics = metrics;
	return 0;
}

struct metrics *
metrics_free(struct metrics *metrics)
{
	if (!metrics)
		return NULL;
	(void)munmap(
	    metrics->blocks, metrics->blocks_count * sizeof(struct block));
	free(metrics);
	return NULL;
}

/* Names that are a configuration's come and go: the last place is for all
   that find none. */
static size_t
issuer_index(struct block *block, const char *name)
{
	size_t i;

	for (i = 0; i < block->issuers_count; i++) {
		if (strcmp(block->issuers[i], name) == 0)
			return i;
	}
	if (i == ISSUERS_MAX)
		return ISSUERS_MAX - 1;
	(void)snprintf(block->issuers[i], NAME_MAX_SIZE, "%s",
	    i == ISSUERS_MAX - 1 ? "others" : name);
	add(&block->issuers_count, 1);
	return i;
}

static size_t
bucket_of(int64_t took_us)
{
	size_t i = 0;

	while (i < BOUNDS_COUNT && took_us > bounds_us[i])
		i++;
	return i;
}

void
metrics_verified(struct metrics *metrics, unsigned int worker,
    const char *issuer, const struct portvakt_result *result, int64_t took_us)
{
	struct block *block = &metrics->blocks[worker];
	size_t reason = (size_t)portvakt_result_reason(result);

	if (reason >= REASONS_MAX)
		reason = PORTVAKT_NOT_JUDGED;
	if (block->words[reason][0] == '\0')
		(void)snprintf(block->words[reason], WORD_SIZE, "%s",
		    portvakt_result_word(result));
	add(&block->counts[issuer_index(block, issuer ? issuer : "")][reason],
	    1);
	add(&block->buckets[bucket_of(took_us)], 1);
	add(&block->took_us, took_us > 0 ? (uint64_t)took_us : 0);
}

void
metrics_turned_away(struct metrics *metrics, unsigned int worker)
{
	add(&metrics->blocks[worker].turned_away, 1);
}

void
metrics_add(struct metrics *metrics, unsigned int worker,
    enum metrics_counter counter, uint64_t number)
{
	add(&metrics->blocks[worker].counters[counter], number);
}

void
metrics_broker(struct metrics *metrics, unsigned int worker, bool answered,
    int64_t took_us)
{
	struct block *block = &metrics->blocks[worker];
	size_t i = 0;

	if (!answered) {
		add(&block->broker_outages, 1);
		return;
	}
	while (i < BROKER_BOUNDS_COUNT && took_us > broker_bounds_ms[i] * 1000)
		i++;
	add(&block->broker_buckets[i], 1);
	add(&block->broker_took_us, took_us > 0 ? (uint64_t)took_us : 0);
}

/* Over all workers, of one issuer and reason. */
static uint64_t
sum_of(const struct metrics *metrics, const char *issuer, size_t reason)
{
	uint64_t sum = 0;
	unsigned int i;
	size_t k;

	for (i = 0; i < metrics->blocks_count; i++) {
		const struct block *block = &metrics->blocks[i];

		for (k = 0; k < load(&block->issuers_count); k++) {
			if (strcmp(block->issuers[k], issuer) == 0)
				sum += load(&block->counts[k][reason]);
		}
	}
	return sum;
}

/* Has a block before this one the issuer, so that it is printed already? */
static bool
is_printed(const struct metrics *metrics, unsigned int before, const char *name)
{
	unsigned int i;
	size_t k;

	for (i = 0; i < before; i++) {
		const struct block *block = &metrics->blocks[i];

		for (k = 0; k < load(&block->issuers_count); k++) {
			if (strcmp(block->issuers[k], name) == 0)
				return true;
		}
	}
	return false;
}

/* What any worker calls a reason. */
static const char *
word_of(const struct metrics *metrics, size_t reason)
{
	unsigned int i;

	for (i = 0; i < metrics->blocks_count; i++) {
		if (metrics->blocks[i].words[reason][0])
			return metrics->blocks[i].words[reason];
	}
	return "";
}

static void
print_issuer(const struct metrics *metrics, const char *issuer, FILE *file)
{
	size_t reason;
	uint64_t sum;

	for (reason = 0; reason < REASONS_MAX; reason++) {
		sum = sum_of(metrics, issuer, reason);
		if (sum > 0)
			(void)fprintf(file,
			    "portvakt_api_verifications_total{issuer=\"%s\","
			    "result=\"%s\"} %" PRIu64 "\n",
			    issuer, word_of(metrics, reason), sum);
	}
}

static void
print_verifications(const struct metrics *metrics, FILE *file)
{
	unsigned int i;
	size_t k;

	(void)fputs(
	    "# TYPE portvakt_api_verifications counter\n"
	    "# HELP portvakt_api_verifications Tokens that were judged, "
	    "by issuer (empty: none of ours) and result.\n",
	    file);
	for (i = 0; i < metrics->blocks_count; i++) {
		const struct block *block = &metrics->blocks[i];

		for (k = 0; k < load(&block->issuers_count); k++) {
			if (!is_printed(metrics, i, block->issuers[k]))
				print_issuer(metrics, block->issuers[k], file);
		}
	}
}

static uint64_t
sum_bucket(const struct metrics *metrics, size_t bucket)
{
	uint64_t sum = 0;
	unsigned int i;

	for (i = 0; i < metrics->blocks_count; i++)
		sum += load(&metrics->blocks[i].buckets[bucket]);
	return sum;
}

static void
print_durations(const struct metrics *metrics, FILE *file)
{
	static const char name[] = "portvakt_api_verification_duration_seconds";
	uint64_t count = 0, took_us = 0;
	unsigned int i;
	size_t k;

	(void)fprintf(file,
	    "# TYPE %s histogram\n# UNIT %s seconds\n"
	    "# HELP %s How long judging a token took.\n",
	    name, name, name);
	for (k = 0; k < BOUNDS_COUNT; k++) {
		count += sum_bucket(metrics, k);
		(void)fprintf(file, "%s_bucket{le=\"%.6f\"} %" PRIu64 "\n",
		    name, (double)bounds_us[k] / 1e6, count);
	}
	count += sum_bucket(metrics, BOUNDS_COUNT);
	for (i = 0; i < metrics->blocks_count; i++)
		took_us += load(&metrics->blocks[i].took_us);
	(void)fprintf(file,
	    "%s_bucket{le=\"+Inf\"} %" PRIu64 "\n%s_sum %.6f\n"
	    "%s_count %" PRIu64 "\n",
	    name, count, name, (double)took_us / 1e6, name, count);
}

static void
print_turned_away(const struct metrics *metrics, FILE *file)
{
	uint64_t sum = 0;
	unsigned int i;

	for (i = 0; i < metrics->blocks_count; i++)
		sum += load(&metrics->blocks[i].turned_away);
	(void)fprintf(file,
	    "# TYPE portvakt_api_turned_away counter\n"
	    "# HELP portvakt_api_turned_away Requests over a limit, answered "
	    "503.\nportvakt_api_turned_away_total %" PRIu64 "\n",
	    sum);
}

static void
print_counters(const struct metrics *metrics, FILE *file)
{
	static const struct {
		const char *name;
		const char *help;
	} families[METRICS_COUNTERS] = {
	    [METRICS_RECORDS_LOST] = {"portvakt_api_records_lost",
		"Uses of tokens that found no place to be recorded."},
	    [METRICS_TOKENS] = {"portvakt_api_tokens_given",
		"Tokens that callers asked for and got."},
	    [METRICS_OPAQUE] = {"portvakt_api_opaque_asked",
		"Questions to issuers about opaque tokens of theirs."}};
	unsigned int i;
	size_t k;

	for (k = 0; k < METRICS_COUNTERS; k++) {
		uint64_t sum = 0;

		for (i = 0; i < metrics->blocks_count; i++)
			sum += load(&metrics->blocks[i].counters[k]);
		(void)fprintf(file,
		    "# TYPE %s counter\n# HELP %s %s\n%s_total %" PRIu64 "\n",
		    families[k].name, families[k].name, families[k].help,
		    families[k].name, sum);
	}
}

static void
print_broker(const struct metrics *metrics, FILE *file)
{
	static const char name[] = "portvakt_api_broker_duration_seconds";
	uint64_t count = 0, took_us = 0, outages = 0;
	unsigned int i;
	size_t k;

	(void)fprintf(file,
	    "# TYPE %s histogram\n# UNIT %s seconds\n"
	    "# HELP %s How long the broker took to answer.\n",
	    name, name, name);
	for (k = 0; k <= BROKER_BOUNDS_COUNT; k++) {
		for (i = 0; i < metrics->blocks_count; i++)
			count += load(&metrics->blocks[i].broker_buckets[k]);
		if (k < BROKER_BOUNDS_COUNT)
			(void)fprintf(file,
			    "%s_bucket{le=\"%.3f\"} %" PRIu64 "\n", name,
			    (double)broker_bounds_ms[k] / 1e3, count);
	}
	for (i = 0; i < metrics->blocks_count; i++) {
		took_us += load(&metrics->blocks[i].broker_took_us);
		outages += load(&metrics->blocks[i].broker_outages);
	}
	(void)fprintf(file,
	    "%s_bucket{le=\"+Inf\"} %" PRIu64 "\n%s_sum %.6f\n"
	    "%s_count %" PRIu64 "\n"
	    "# TYPE portvakt_api_broker_outages counter\n"
	    "# HELP portvakt_api_broker_outages Questions that the broker "
	    "did not answer, or not in time.\n"
	    "portvakt_api_broker_outages_total %" PRIu64 "\n",
	    name, count, name, (double)took_us / 1e6, name, count, outages);
}

void
metrics_print(const struct metrics *metrics, FILE *file)
{
	print_verifications(metrics, file);
	print_durations(metrics, file);
	print_turned_away(metrics, file);
	print_broker(metrics, file);
	print_counters(metrics, file);
}
