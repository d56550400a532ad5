import API
import Core
import HTTPTypes
import Hub
import Hummingbird
import NIOCore
import Wire

extension NativeRoutes {
    static let publishHandlers: [Endpoint: Handler] = [
        .planPublish: { call in
            let body: PublishPlanRequest = try await call.json()
            let plan = try await call.hub.planPublish(try body.files.map { try DraftFile($0) }, to: try call.repo, by: call.who)
            return try .json(PublishPlan(missing: plan.missing.map(\.description), present: plan.present))
        },
        .publish: { call in
            let draft = try PublishDraft(
                try await call.json(), to: call.repo, idempotencyKey: call.request.headers[HTTPField.Name("Idempotency-Key")!])
            let published = try await call.hub.publish(draft, by: call.who)
            return try .json(
                Published(revision: RevisionInfo(published.named), version: published.version?.text, wasNew: published.wasNew),
                status: published.wasNew ? 201 : 200)
        },
        .headBlob: { call in
            let size = try call.hub.sizeOfReadable(try call.digest, for: call.who)
            return try call.bytes(of: try call.digest, size: size, commit: nil, repo: nil)
        },
        .getBlob: { call in
            let size = try call.hub.sizeOfReadable(try call.digest, for: call.who)
            return try call.bytes(of: try call.digest, size: size, commit: nil, repo: nil)
        },
        .putBlob: { call in
            let reader = BodyReader(call.request, call.context)
            let blob = try await call.hub.receive(
                try reader.stream(limit: call.hub.limits.fileSize), expected: try call.digest, size: reader.announced, by: call.who)
            return try .json(BlobInfo(blob), status: blob.wasNew ? 201 : 200)
        },
        .putBlobs: { call in
            var records = BlobRecords(try BodyReader(call.request, call.context).stream())
            var stored: [BlobInfo] = []
            while let batch = try await records.next() {
                stored += try await call.hub.receive(batch, by: call.who).map(BlobInfo.init)
            }
            return try .json(Page(items: stored), status: 201)
        },
        .beginUpload: { call in
            let body: NewUpload = try await call.json()
            let upload = try await call.hub.beginUpload(try Digest(parsing: body.digest), size: body.size, by: call.who)
            return try .json(UploadInfo(upload), status: 201)
        },
        .showUpload: { call in try .json(UploadInfo(try await call.hub.upload(try call.uploadID, by: call.who))) },
        .putPart: { call in
            guard let number = Int(try call.value("number")) else { throw HubError(.invalidRequest, "a part has a number from 0 on") }
            try await call.hub.receivePart(number, of: try call.uploadID, try BodyReader(call.request, call.context).stream(), by: call.who)
            return .noContent
        },
        .completeUpload: { call in
            try .json(BlobInfo(try await call.hub.completeUpload(try call.uploadID, by: call.who)), status: 201)
        },
        .abortUpload: { call in
            try await call.hub.abortUpload(try call.uploadID, by: call.who)
            return .noContent
        }
    ]
}

extension DraftFile {
    fileprivate init(_ file: PublishFile) throws(HubError) {
        self.init(
            path: try FilePath(parsing: file.path), size: file.size, digest: try Digest(parsing: file.digest),
            isExecutable: file.isExecutable ?? false)
    }
}

extension PublishDraft {
    fileprivate init(_ body: PublishRequest, to repo: RepoName, idempotencyKey: String?) throws {
        self.init(repo: repo, files: try body.files.map { try DraftFile($0) })
        if let branch = body.branch { self.branch = try RefName(parsing: branch) }
        version = try body.version.map { try RefName(parsing: $0) }
        message = body.message ?? ""
        expectedHead = try body.expectedHead.map { $0.isEmpty ? .absent : .commit(try GitID(parsing: $0)) } ?? .any
        bases = try (body.bases ?? []).map { try LineageClaim(parsing: $0) }
        createRepo = body.createRepo ?? true
        isPrivate = body.isPrivate ?? false
        authorName = body.authorName
        authorEmail = body.authorEmail
        date = body.date
        self.idempotencyKey = idempotencyKey
    }
}
