import API
import Core
import Foundation

/// Sends blobs, each by the road that suits its size: small ones many to a request, middling
/// ones alone, large ones in parts of which those that arrived need not be sent again.
struct Upload: Sendable {
    let session: Session
    let repo: RepoName
    let progress: ProgressMeter

    /// One request's share of small blobs.
    static let batchFiles = 256
    static let batchBytes: Int64 = 16 << 20
    /// Large files under way at once: while one is verified by the server, the next is sent.
    private static let largeAtOnce = 2

    func send(_ files: [HashedFile]) async throws {
        let info: ServerInfo = try await session.call(.showServer)
        let large = files.filter { $0.size >= info.resumableFrom && $0.size > BlobStream.largest }
        let small = files.filter { $0.size <= BlobStream.largest }
        let middling = files.filter { $0.size > BlobStream.largest && $0.size < info.resumableFrom }
        let requests = Self.batches(small).map(Shipment.batch) + middling.map(Shipment.alone)
        try await Crew.forEach(requests, limit: session.transport.crew.count) { try await send($0) }
        try await Crew.forEach(large, limit: Self.largeAtOnce) { try await sendInParts($0) }
    }

    private enum Shipment: Sendable {
        case batch([HashedFile])
        case alone(HashedFile)
    }

    static func batches(_ files: [HashedFile]) -> [[HashedFile]] {
        var batches: [[HashedFile]] = []
        var bytes: Int64 = 0
        for file in files {
            if batches.isEmpty || batches[batches.count - 1].count == batchFiles || bytes + file.size > batchBytes {
                batches.append([])
                bytes = 0
            }
            batches[batches.count - 1].append(file)
            bytes += file.size
        }
        return batches
    }

    private func send(_ shipment: Shipment) async throws {
        switch shipment {
        case .batch(let files):
            var request = session.request(.putBlobs, [])
            request.headers.append(("Content-Type", BlobStream.mediaType))
            for file in files {
                request.body.append(.bytes(Array(BlobStream.header(digestHex: file.digest.hex, size: file.size).utf8)))
                if file.size > 0 { request.body.append(.file(file.file.stamp, ByteRange(0, file.size))) }
            }
            try await session.answer(request)
            progress.add(files.reduce(0) { $0 + $1.size })
        case .alone(let file):
            var request = session.request(.putBlob, [file.digest.description])
            request.headers.append(("Content-Type", "application/octet-stream"))
            request.body = [.file(file.file.stamp, ByteRange(0, file.size))]
            try await session.answer(request)
            progress.add(file.size)
        }
    }

    private func sendInParts(_ file: HashedFile) async throws {
        let upload: UploadInfo = try await session.call(
            .beginUpload, body: NewUpload(digest: file.digest.description, size: file.size))
        guard upload.size == file.size, upload.partSize > 0 else {
            throw HubError(.internalError, "\(session.server) began an upload of \(upload.size) bytes for a file of \(file.size); update the server")
        }
        let plan = PartPlan(size: file.size, partSize: upload.partSize)
        let received = Set(upload.received)
        let parts = (0..<plan.count).filter { !received.contains($0) }
        progress.add(received.compactMap { plan.range($0)?.count }.reduce(0, +))
        try await Crew.forEach(parts, limit: session.transport.crew.count) { number in
            guard let range = plan.range(number) else { return }
            var request = session.request(.putPart, [upload.id, String(number)])
            request.headers.append(("Content-Type", "application/octet-stream"))
            request.body = [.file(file.file.stamp, range)]
            try await session.answer(request)
            progress.add(range.count)
        }
        try await complete(upload, file)
    }

    /// The server reads all of it before it answers, so the answer may be long in coming. Where
    /// it was lost, the upload is gone and the blob is there.
    private func complete(_ upload: UploadInfo, _ file: HashedFile) async throws {
        var request = session.request(.completeUpload, [upload.id])
        request.stallSeconds = 3600
        request.isRepeatable = true
        do {
            try await session.answer(request)
        } catch let error as HubError where error.code == .unknownUpload {
            let asked = PublishPlanRequest(files: [PublishFile(path: file.path.text, size: file.size, digest: file.digest.description)])
            let plan: PublishPlan = try await session.call(.planPublish, repo.pathValues, body: asked)
            guard plan.missing.isEmpty else { throw error }
        }
    }
}
