import Core
import Foundation
import Hub
import NIOCore
import NIOFoundationCompat
import Wire

/// A commit's body: one JSON object a line (`application/x-ndjson`), the header first. Holds at most
/// one line.
struct CommitLines {
    /// 16 MiB: a file of 11 MiB in base 64, and room for the rest.
    static let longest = 16 << 20
    /// Decoded bytes of a file inside a commit: 11 MiB, a little more than where LFS begins.
    static let largestFile = 11 << 20

    enum Line: Sendable {
        case header(summary: String, description: String, parent: String?)
        case file(FilePath, ByteBuffer)
        case change(FileChange)
    }

    private var chunks: BodyStream.Iterator
    private var buffer = ByteBuffer()
    /// How much of the buffer was searched for the end of the line.
    private var searched = 0
    private var isOver = false
    private var number = 0

    init(_ body: BodyStream) { chunks = body.makeAsyncIterator() }

    /// The next line with something in it, or nil behind the last.
    mutating func next() async throws -> Line? {
        while let line = try await bytes() {
            number += 1
            if line.readableBytesView.allSatisfy({ $0 == 0x20 || $0 == 0x0D || $0 == 0x09 }) { continue }
            return try Self.parse(line, number: number)
        }
        return nil
    }

    private mutating func bytes() async throws -> ByteBuffer? {
        while true {
            if let end = buffer.readableBytesView.dropFirst(searched).firstIndex(of: 0x0A) {
                let line = buffer.readSlice(length: end - buffer.readerIndex)
                buffer.moveReaderIndex(forwardBy: 1)
                searched = 0
                return line
            }
            searched = buffer.readableBytes
            guard searched <= Self.longest else {
                throw HubError(
                    .tooLarge,
                    "line \(number + 1) of the commit has more than \(Self.longest) bytes: send files of more than \(Self.largestFile) bytes as LFS or Xet and name them by their SHA-256"
                )
            }
            if isOver {
                guard searched > 0 else { return nil }
                searched = 0
                return buffer.readSlice(length: buffer.readableBytes)
            }
            guard let chunk = try await chunks.next() else {
                isOver = true
                continue
            }
            buffer.discardReadBytes()
            buffer.writeImmutableBuffer(chunk)
        }
    }

    static func parse(_ line: ByteBuffer, number: Int) throws -> Line {
        guard line.readableBytes <= longest else {
            throw HubError(.tooLarge, "line \(number) of the commit has more than \(longest) bytes")
        }
        let object: LineBody
        do {
            object = try JSONDecoder().decode(LineBody.self, from: Data(buffer: line))
        } catch {
            throw HubError(.invalidRequest, "line \(number) of the commit is not an object with 'key' and 'value' as this server knows them")
        }
        return try object.line(number)
    }
}

/// One line as it stands there; which members it has depends on its key.
private struct LineBody: Decodable {
    struct Value: Decodable {
        let summary: String?
        let description: String?
        let parentCommit: String?
        let path: String?
        let content: String?
        let encoding: String?
        let algo: String?
        let oid: String?
        let size: Int64?
        let srcPath: String?
        let srcRevision: String?
    }
    let key: String
    let value: Value

    func line(_ number: Int) throws -> CommitLines.Line {
        switch key {
        case "header": return .header(summary: value.summary ?? "", description: value.description ?? "", parent: value.parentCommit)
        case "file": return .file(try path(number), try content(number))
        case "lfsFile":
            guard value.algo == nil || value.algo == "sha256" else { throw HubError(.invalidRequest, "line \(number): only sha256 names LFS files") }
            guard let oid = value.oid else { throw missing("oid", number) }
            return .change(.add(try path(number), try Digest(parsing: oid), size: value.size, .lfs))
        case "deletedFile", "deletedEntry":
            if let path = value.path, path.hasSuffix("/") { return .change(.deleteFolder(try folder(path, number))) }
            return .change(.deleteFile(try path(number)))
        case "deletedFolder":
            guard let path = value.path else { throw missing("path", number) }
            return .change(.deleteFolder(try folder(path, number)))
        case "copyFile":
            guard let source = value.srcPath else { throw missing("srcPath", number) }
            return .change(
                .copy(from: try FilePath(parsing: source), at: try value.srcRevision.map { try Call.revision($0) }, to: try path(number)))
        default:
            throw HubError(
                .invalidRequest,
                "line \(number): '\(FilePath.printable(key))' is not a kind of change here: expected header, file, lfsFile, deletedFile, deletedFolder or copyFile"
            )
        }
    }

    private func path(_ number: Int) throws(HubError) -> FilePath {
        guard let path = value.path else { throw missing("path", number) }
        return try FilePath(parsing: path)
    }

    private func folder(_ path: String, _ number: Int) throws(HubError) -> FilePath {
        try FilePath(parsing: path.hasSuffix("/") ? path.dropLast() : path[...])
    }

    private func content(_ number: Int) throws(HubError) -> ByteBuffer {
        let text = value.content ?? ""
        let bytes: [UInt8]
        switch value.encoding {
        case "base64":
            guard let decoded = Base64.decode(text) else { throw HubError(.invalidRequest, "line \(number): the content is not base 64") }
            bytes = decoded
        case nil, "utf-8": bytes = Array(text.utf8)
        default: throw HubError(.invalidRequest, "line \(number): the encoding must be base64 or utf-8")
        }
        guard bytes.count <= CommitLines.largestFile else {
            throw HubError(
                .tooLarge,
                "line \(number): '\(FilePath.printable(value.path ?? ""))' has \(bytes.count) bytes; files of more than \(CommitLines.largestFile) are sent as LFS or Xet"
            )
        }
        return ByteBuffer(bytes: bytes)
    }

    private func missing(_ member: String, _ number: Int) -> HubError {
        HubError(.invalidRequest, "line \(number) of the commit, '\(FilePath.printable(key))', has no '\(member)'")
    }
}
