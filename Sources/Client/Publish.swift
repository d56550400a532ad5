package import API
package import Core
import Foundation
import Hashing

/// What a publisher decides besides the files.
package struct PublishOptions: Sendable {
    package var repo: RepoName
    package var branch: RefName?
    package var version: RefName?
    package var message: String?
    /// The commit the branch must have now.
    package var expectedHead: GitID?
    package var bases: [String] = []
    /// For a repo that is made by this publication.
    package var isPrivate: Bool?

    package init(repo: RepoName) { self.repo = repo }
}

/// What a publication came to, and what it cost.
package struct PublishSummary: Sendable {
    package let published: Published
    package let files: Int
    package let totalBytes: Int64
    /// Blobs that went over the wire this time.
    package let sentFiles: Int
    package let sentBytes: Int64
}

extension Session {
    /// Publishes the files: hashes them, asks what is missing, sends only that, and makes the
    /// revision. After a cut, the same call again sends only what had not arrived.
    package func publish(_ source: PublishSource, _ options: PublishOptions, progress: ProgressMeter) async throws -> PublishSummary {
        let files = try await HashFiles.hash(source.files, progress: progress)
        let announced = files.map {
            PublishFile(path: $0.path.text, size: $0.size, digest: $0.digest.description, isExecutable: $0.file.isExecutable ? true : nil)
        }
        let request = PublishRequest(
            files: announced, branch: options.branch?.text, version: options.version?.text, message: options.message,
            expectedHead: options.expectedHead?.hex, bases: options.bases.isEmpty ? nil : options.bases, isPrivate: options.isPrivate)
        // New for every run: asking again later, after the branch moved, is another wish.
        let key = Digest(of: [UInt8](try JSON.encode(request)) + Array(UUID().uuidString.utf8)).hex

        var sent = try await sendMissing(of: files, announced, to: options.repo, progress: progress)
        var published: Published
        do {
            published = try await call(.publish, options.repo.pathValues, body: request, headers: [("Idempotency-Key", key)], patience: 600)
        } catch let error as HubError where error.code == .blobsMissing {
            // Collected or expired between the plan and now: send them again, once.
            let again = try await sendMissing(of: files, announced, to: options.repo, progress: progress)
            sent = (sent.files + again.files, sent.bytes + again.bytes)
            published = try await call(.publish, options.repo.pathValues, body: request, headers: [("Idempotency-Key", key + "-2")], patience: 600)
        }
        return PublishSummary(
            published: published, files: files.count, totalBytes: files.reduce(0) { $0 + $1.size }, sentFiles: sent.files, sentBytes: sent.bytes)
    }

    private func sendMissing(
        of files: [HashedFile], _ announced: [PublishFile], to repo: RepoName, progress: ProgressMeter
    ) async throws -> (files: Int, bytes: Int64) {
        let plan: PublishPlan = try await call(.planPublish, repo.pathValues, body: PublishPlanRequest(files: announced), patience: 600)
        let missing = Set(plan.missing)
        var seen: Set<Digest> = []
        let toSend = files.filter { missing.contains($0.digest.description) && seen.insert($0.digest).inserted }
        guard toSend.count == missing.count else {
            throw HubError(.internalError, "\(server) asks for blobs that are not among these files; is it a Grayling server of this version?")
        }
        let bytes = toSend.reduce(0) { $0 + $1.size }
        progress.begin(.sending, total: bytes)
        if !toSend.isEmpty { try await Upload(session: self, repo: repo, progress: progress).send(toSend) }
        return (toSend.count, bytes)
    }
}
