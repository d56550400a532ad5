import API
import Core
import Glibc
import Hashing

/// Takes a range of a file's bytes, over as many answers as it needs: what has arrived counts,
/// and the next try asks for the rest.
///
/// Unchecked: the transfer's thread and the task that waits for it take turns.
final class RangeSink: BodySink, @unchecked Sendable {
    private let range: ByteRange
    private let size: Int64
    private let what: String
    private let progress: ProgressMeter
    private let take: (UnsafeRawBufferPointer, Int64) throws -> Void
    private(set) var done: Int64 = 0

    /// `take` gets the bytes in order, each with its offset in the file.
    init(
        _ range: ByteRange, of size: Int64, what: String, progress: ProgressMeter, take: @escaping (UnsafeRawBufferPointer, Int64) throws -> Void
    ) {
        self.range = range
        self.size = size
        self.what = what
        self.progress = progress
        self.take = take
    }

    /// The `Range` header for what is still to come; nil where that is the whole file.
    var header: String? {
        let first = range.lower + done
        return first == 0 && range.upper == size ? nil : "bytes=\(first)-\(range.upper - 1)"
    }

    func begin(_ head: ResponseHead) throws {
        let first = range.lower + done
        if head.status == 206 {
            let expected = ByteRange(first, range.upper).contentRange(of: size)
            guard head.headers["content-range"] == expected else {
                throw HubError(
                    .internalError,
                    "asked for \(expected) of \(what), and the server sent \(FilePath.printable(head.headers["content-range"] ?? "no Content-Range")); something between here and the server may be changing answers"
                )
            }
        } else if header != nil {
            throw HubError(
                .internalError,
                "the server sent all of \(what) where a part was asked for; something between here and the server may be dropping the Range header")
        }
    }

    func write(_ bytes: UnsafeRawBufferPointer) throws {
        guard done + Int64(bytes.count) <= range.count else {
            throw HubError(.sizeMismatch, "the server sent more of \(what) than the \(size) bytes it has by its manifest")
        }
        try take(bytes, range.lower + done)
        done += Int64(bytes.count)
        progress.add(Int64(bytes.count))
    }

    func finish() throws(HubError) {
        guard done == range.count else {
            throw HubError(.sizeMismatch, "the server sent \(done) bytes of \(what) where \(range.count) were asked for")
        }
    }
}

extension Session {
    /// Fetches a range of a file of a revision into `sink`, going on where a connection broke.
    func fetch(_ file: LockedPlace, _ sink: RangeSink) async throws {
        let request = request(.resolveFile, file.pathValues)
        try await answer(request, into: sink) { request in
            if let header = sink.header { request.headers.append(("Range", header)) }
        }
        try sink.finish()
    }
}

/// A file where the server keeps it.
struct LockedPlace: Sendable {
    let repo: RepoName
    let commit: GitID
    let path: FilePath

    var pathValues: [String] { repo.pathValues + [commit.hex, path.text] }
    var shown: String { "'\(path)' of \(repo)" }
}
