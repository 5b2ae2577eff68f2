const KiB = 1024
const MiB = 1024 * KiB
const GiB = 1024 * MiB

/** Every limit of Aspara, in one place. What is larger is refused with a sentence that holds the number. */
export const limits = {
  /** Project and run names stand in URLs and file names; 255 is what file systems take. */
  nameCharsMax: 255,
  artifactNameCharsMax: 255,
  metricKeyBytesMax: 512,
  displayNameCharsMax: 512,
  notesCharsMax: 100_000,
  tagsMax: 1_000,
  tagCharsMax: 256,
  descriptionCharsMax: 10_000,
  /** The group of a run, or its kind of job. */
  groupCharsMax: 256,
  /** Why a run ended: the last line of a traceback. */
  reasonCharsMax: 1_000,
  /** Which process a writer is. */
  labelCharsMax: 256,
  /** What a client says of itself: some twenty numbers and words, with each batch if it likes. */
  clientBytesMax: 16 * KiB,
  /** Writers in the record of a run; all of them are a list of their own. */
  runWritersMax: 100,

  /** A config or summary is read whole with each run of a list, so it stays small enough to list 100 of them. */
  documentBytesMax: 1 * MiB,
  /** Deeper than any real config; recursion over it must not reach the end of a stack. */
  documentDepthMax: 64,
  /** Values of a document that is larger than 64 KiB, keys not counted: a megabyte of `{}` would take 30 when it is parsed. */
  documentValuesMax: 100_000,

  /** One record is one step of a training loop: 10,000 metrics of 60 bytes fit. */
  recordBytesMax: 1 * MiB,
  metricsPerRecordMax: 10_000,
  /** As sent, compressed or not. */
  batchBytesMax: 16 * MiB,
  /** After decompression, where a batch of `batchCellsMax` cells with all of their digits has 25 MB. */
  batchBytesExpandedMax: 32 * MiB,
  /** Cells of one batch, nulls included: 8 MB of doubles, encoded and committed in about 20 ms (bench/README.md). */
  batchCellsMax: 1_000_000,

  /**
   * Times that are given as numbers are milliseconds. What is nearer to 1970 than this (3 March 1973) is taken for seconds, in
   * which the same number is the year 5138, and refused.
   */
  timestampMsMin: 100_000_000_000,

  uploadBytesMax: 1 * GiB,
  uploadFieldsMax: 10,

  pageSizeDefault: 100,
  pageSizeMax: 1_000,
  /** A cursor holds what its run is sorted by: `sortKeysMax` texts of `sortTextCharsMax`, with every character escaped. */
  cursorCharsMax: 8_448,

  /** A filter stands in an address, which proxies take up to 8 KiB of. */
  filterCharsMax: 4_096,
  /** Parentheses and `not`; recursion over them must not reach the end of a stack. */
  filterDepthMax: 32,
  /** More than anybody writes; each is looked at for every run of the project. */
  filterComparisonsMax: 100,
  sortKeysMax: 4,
  /** Texts are sorted by this many characters: a whole name. */
  sortTextCharsMax: 256,
  /** A client that sends batches sends an empty one after 30 s without: after four that did not come the run is lost. */
  lostMs: 120_000,
  /** A run stays in the trash so long after it was deleted, and after its client last sent something: 7 days. */
  trashMs: 7 * 24 * 3_600_000,

  /** A view says how one looks at a project: columns, panels, filters. All of them are read with the page. */
  viewBytesMax: 64 * KiB,
  viewNameCharsMax: 100,
  viewsMax: 200,

  /** Bodies being received at once, all connections together; past it new ones are told to come back. */
  receivingBytesMax: 128 * MiB,
  /** Records accepted from the network and not yet committed; past it new ones are told to come back. */
  queuedBytesMax: 128 * MiB,
  /** One commit takes what has queued, but no more than this, so that no acknowledgement waits for a giant. */
  commitDeedsMax: 1_024,
  commitBytesMax: 8 * MiB,

  /** Points or buckets of one chart's answer, all series together: about 100 MB of JSON. */
  seriesCellsMax: 2_000_000,
  /** Runs that one chart or export names. */
  seriesRunsMax: 1_000,
  seriesPointsMax: 20_000,
  seriesPointsDefault: 1_000,

  /** Exports under way: each holds some 10 MB, however slowly it is read. */
  exportsMax: 16,

  /** Open streams; an idle one takes some 60 KB (bench/README.md). */
  streamsMax: 2_000,
  /** New in one run between two events: past these, whoever listens reads the run's chart again, which is less. */
  streamEntriesMax: 4_096,
  streamBytesMax: 512 * KiB,
  /** New in all runs together between two events, as the journal keeps it: in JSON about twice as much. */
  streamEventBytesMax: 1 * MiB,
  /** Runs that have changed between two events, and what their documents have together: past these all is read again. */
  streamRunsMax: 1_000,
  streamDocumentCharsMax: 2 * MiB,
  /** Unsent bytes of a stream; a reader that is slower is told the rest when it has caught up. */
  streamUnsentBytesMax: 256 * KiB,

  connectionsMax: 4_096,
  /** Of one address, on which no token has been presented yet, or no whole request has come. */
  strangersOfAddressMax: 256,
  /** A request's headers must be here after this time. */
  headersMs: 15_000,
  /** A JSON body must be here after this time. */
  bodyMs: 60_000,
  /** An upload of `uploadBytesMax` at 2.4 Mbit/s. */
  uploadMs: 3_600_000,
  /** Bytes that come of an upload in a minute: links that are slower don't get anywhere in an hour. */
  uploadBytesOfMinuteMin: 64 * KiB,
  /** A connection on which nothing moves, in the middle of a request or an answer, is closed. */
  stalledMs: 30_000,
  /** Longer than the idle time of the usual proxies (60 s), so that they close first and no request is lost. */
  keepAliveMs: 72_000,
  /** After SIGTERM, what is in flight has this long. */
  closeMs: 5_000,
} as const

/** The limits must not contradict each other. */
function assert(truth: boolean): void {
  if (!truth) throw new Error('BUG: two limits contradict each other')
}
assert(limits.recordBytesMax <= limits.batchBytesMax)
assert(limits.batchBytesMax <= limits.batchBytesExpandedMax)
assert(limits.batchBytesMax <= limits.receivingBytesMax)
assert(limits.batchCellsMax * 8 <= limits.queuedBytesMax)
assert(limits.pageSizeDefault <= limits.pageSizeMax)
assert(limits.nameCharsMax <= limits.sortTextCharsMax)
