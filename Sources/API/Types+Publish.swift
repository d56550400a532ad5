// Bodies of our HTTP API; see Types.swift for the units.

package struct PublishFile: Codable, Hashable, Sendable {
    package var path: String
    package var size: Int64
    package var digest: String
    package var isExecutable: Bool?

    package init(path: String, size: Int64, digest: String, isExecutable: Bool? = nil) {
        self.path = path
        self.size = size
        self.digest = digest
        self.isExecutable = isExecutable
    }
}

package struct PublishPlanRequest: Codable, Hashable, Sendable {
    package var files: [PublishFile]

    package init(files: [PublishFile]) {
        self.files = files
    }
}

package struct PublishPlan: Codable, Hashable, Sendable {
    /// Digests to send, each once.
    package var missing: [String]
    /// Digests already here.
    package var present: Int

    package init(missing: [String], present: Int) {
        self.missing = missing
        self.present = present
    }
}

package struct PublishRequest: Codable, Hashable, Sendable {
    /// All files of the new revision.
    package var files: [PublishFile]
    /// Default main; made if absent.
    package var branch: String?
    /// Names the new revision for ever.
    package var version: String?
    package var message: String?
    /// Commit id that the branch must have now; an empty text: the branch must not exist.
    package var expectedHead: String?
    /// Owner/name@version[:kind] each.
    package var bases: [String]?
    /// Make the repo if it does not exist (default true).
    package var createRepo: Bool?
    /// For a repo that is made.
    package var isPrivate: Bool?
    package var authorName: String?
    package var authorEmail: String?
    /// Seconds since 1970; default now.
    package var date: Int64?

    package init(
        files: [PublishFile], branch: String? = nil, version: String? = nil, message: String? = nil, expectedHead: String? = nil,
        bases: [String]? = nil, createRepo: Bool? = nil, isPrivate: Bool? = nil, authorName: String? = nil, authorEmail: String? = nil,
        date: Int64? = nil
    ) {
        self.files = files
        self.branch = branch
        self.version = version
        self.message = message
        self.expectedHead = expectedHead
        self.bases = bases
        self.createRepo = createRepo
        self.isPrivate = isPrivate
        self.authorName = authorName
        self.authorEmail = authorEmail
        self.date = date
    }
}

package struct Published: Codable, Hashable, Sendable {
    package var revision: RevisionInfo
    package var version: String?
    /// False: nothing had changed, the head stands.
    package var wasNew: Bool

    package init(revision: RevisionInfo, version: String? = nil, wasNew: Bool) {
        self.revision = revision
        self.version = version
        self.wasNew = wasNew
    }
}

package struct BlobInfo: Codable, Hashable, Sendable {
    package var digest: String
    package var size: Int64
    /// False: the same bytes were here.
    package var wasNew: Bool

    package init(digest: String, size: Int64, wasNew: Bool) {
        self.digest = digest
        self.size = size
        self.wasNew = wasNew
    }
}

package struct NewUpload: Codable, Hashable, Sendable {
    package var digest: String
    package var size: Int64

    package init(digest: String, size: Int64) {
        self.digest = digest
        self.size = size
    }
}

package struct UploadInfo: Codable, Hashable, Sendable {
    package var id: String
    package var digest: String
    package var size: Int64
    package var partSize: Int64
    /// Numbers of the parts that are on disk.
    package var received: [Int]
    package var expires: String

    package init(id: String, digest: String, size: Int64, partSize: Int64, received: [Int], expires: String) {
        self.id = id
        self.digest = digest
        self.size = size
        self.partSize = partSize
        self.received = received
        self.expires = expires
    }
}

package struct LockInfo: Codable, Hashable, Sendable {
    package var digest: String
    package var name: String
    package var registered: String
    package var by: String
    /// Owner/name@commit each.
    package var models: [String]

    package init(digest: String, name: String, registered: String, by: String, models: [String]) {
        self.digest = digest
        self.name = name
        self.registered = registered
        self.by = by
        self.models = models
    }
}
