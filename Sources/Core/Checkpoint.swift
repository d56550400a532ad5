/// The numbered steps of every order that must survive a crash. Tests stop the process at
/// each of them; in service nothing listens.
package enum Checkpoint: String, Hashable, Sendable, CaseIterable {
    case ingestCreated = "ingest.1-created"
    case ingestCompared = "ingest.2-compared"
    case ingestSynced = "ingest.3-synced"
    case ingestRenamed = "ingest.4-renamed"
    case ingestDirectorySynced = "ingest.5-directory-synced"
    case batchWritten = "batch.1-written"
    case batchSynced = "batch.2-synced"
    case batchRenamed = "batch.3-renamed"
    case batchDirectoriesSynced = "batch.4-directories-synced"
    case partWritten = "part.1-written"
    case partSynced = "part.2-synced"
    case partMarked = "part.3-marked"
    case uploadCompared = "upload.1-compared"
    case uploadRenamed = "upload.2-renamed"
    case uploadForgotten = "upload.3-forgotten"
    case publishChecked = "publish.1-checked"
    case publishNamed = "publish.2-named"
    case publishInTransaction = "publish.3-in-transaction"
    case publishCommitted = "publish.4-committed"
    case xorbStored = "xorb.1-pack-stored"
    case xorbListed = "xorb.2-list-stored"
    case xorbCommitted = "xorb.3-committed"
    case shardChecked = "shard.1-checked"
    case shardFilesStored = "shard.2-files-stored"
    case shardInTransaction = "shard.3-in-transaction"
    case shardCommitted = "shard.4-committed"
    case reformNamed = "reform.1-recipe-named"
    case reformDropped = "reform.2-file-dropped"
    case applyInTransaction = "apply.1-in-transaction"
    case applyCommitted = "apply.2-committed"
    case orderInTransaction = "order.1-in-transaction"
    case orderCommitted = "order.2-committed"
    case advanceInTransaction = "advance.1-in-transaction"
    case advanceCommitted = "advance.2-committed"
    case analysisInTransaction = "analysis.1-in-transaction"
    case analysisCommitted = "analysis.2-committed"
    case materialiseVerified = "materialise.1-verified"
    case materialiseLinked = "materialise.2-linked"
    case collectRowsGone = "collect.1-rows-gone"
    case collectTrashed = "collect.2-trashed"
    case collectPurged = "collect.3-purged"
}

/// Is told of each checkpoint as it is passed.
package struct Probe: Sendable {
    package let reached: @Sendable (Checkpoint) -> Void
    package init(_ reached: @escaping @Sendable (Checkpoint) -> Void = { _ in }) { self.reached = reached }
}
