// Bodies of our HTTP API; see Types.swift for the units.

package struct CollectRequest: Codable, Hashable, Sendable {
    package var dryRun: Bool?
    /// Younger blobs stay, and trash is kept this long (default 86400).
    package var graceSeconds: Int64?
    /// Also removes what Xet clients sent within four weeks and no file uses; they then start afresh.
    package var forgetUploads: Bool?

    package init(dryRun: Bool? = nil, graceSeconds: Int64? = nil, forgetUploads: Bool? = nil) {
        self.dryRun = dryRun
        self.graceSeconds = graceSeconds
        self.forgetUploads = forgetUploads
    }
}

package struct CollectReport: Codable, Hashable, Sendable {
    package var dryRun: Bool
    /// Blobs looked at.
    package var blobs: Int
    /// Digests moved (or to be moved) to the trash.
    package var condemned: [String]
    package var condemnedBytes: Int64
    /// Taken back from the trash, needed again.
    package var restored: Int
    /// Gone for good after the grace.
    package var purged: Int
    package var purgedBytes: Int64
    package var expiredUploads: Int
    /// Unreferenced but leased or too young.
    package var spared: Int
    /// Packs of chunks that no file uses and Xet clients may no longer refer to.
    package var xorbs: Int
    /// Blobs that were kept twice and are kept once now.
    package var reformed: Int

    package init(
        dryRun: Bool, blobs: Int, condemned: [String], condemnedBytes: Int64, restored: Int, purged: Int, purgedBytes: Int64, expiredUploads: Int,
        spared: Int, xorbs: Int, reformed: Int
    ) {
        self.dryRun = dryRun
        self.blobs = blobs
        self.condemned = condemned
        self.condemnedBytes = condemnedBytes
        self.restored = restored
        self.purged = purged
        self.purgedBytes = purgedBytes
        self.expiredUploads = expiredUploads
        self.spared = spared
        self.xorbs = xorbs
        self.reformed = reformed
    }
}

package struct VerifyRequest: Codable, Hashable, Sendable {
    /// Default 268435456; 0: no limit.
    package var bytesPerSecond: Int64?

    package init(bytesPerSecond: Int64? = nil) {
        self.bytesPerSecond = bytesPerSecond
    }
}

package struct VerifyReport: Codable, Hashable, Sendable {
    package var blobs: Int
    package var bytes: Int64
    /// Digests whose bytes were wrong; now in quarantine.
    package var damaged: [String]
    /// Digests that rows name and the store does not hold.
    package var missing: [String]
    /// Whether the event log's hashes hold.
    package var chainIntact: Bool
    /// What else is wrong.
    package var problems: [String]

    package init(
        blobs: Int, bytes: Int64, damaged: [String], missing: [String], chainIntact: Bool, problems: [String]
    ) {
        self.blobs = blobs
        self.bytes = bytes
        self.damaged = damaged
        self.missing = missing
        self.chainIntact = chainIntact
        self.problems = problems
    }
}

package struct BackupRequest: Codable, Hashable, Sendable {
    /// Absolute path on the server's machine.
    package var folder: String

    package init(folder: String) {
        self.folder = folder
    }
}

package struct BackupReport: Codable, Hashable, Sendable {
    package var folder: String
    /// Blobs in the backup.
    package var blobs: Int
    /// Of these, copied this time.
    package var copied: Int
    package var copiedBytes: Int64

    package init(folder: String, blobs: Int, copied: Int, copiedBytes: Int64) {
        self.folder = folder
        self.blobs = blobs
        self.copied = copied
        self.copiedBytes = copiedBytes
    }
}

package struct CareProgress: Codable, Hashable, Sendable {
    package var done: Int64
    /// Bytes.
    package var total: Int64

    package init(done: Int64, total: Int64) {
        self.done = done
        self.total = total
    }
}
