import CCurl
import Core
import Glibc

/// One request on its way: what libcurl's callbacks read and write. Confined to the thread that
/// performs it; an error raised in a callback is kept in `failure` and stops the transfer.
final class Transfer {
    private let reader: BodyReader
    private let sink: (any BodySink)?
    private let limit: Int
    private let isCancelled: () -> Bool
    private var hasBegun = false
    private(set) var head = ResponseHead(status: 0)
    private(set) var kept: [UInt8] = []
    private(set) var failure: (any Error)?

    /// Error bodies beyond this are cut off: they are for reading.
    private static let errorLimit = 64 << 10

    init(request: Request, sink: (any BodySink)?, limit: Int, isCancelled: @escaping () -> Bool) {
        reader = BodyReader(request.body)
        self.sink = sink
        self.limit = limit
        self.isCancelled = isCancelled
    }

    static func at(_ context: UnsafeMutableRawPointer?) -> Transfer {
        // libcurl hands back the pointer that CurlHandle.perform gave it, alive until it returns.
        Unmanaged<Transfer>.fromOpaque(context.unsafelyUnwrapped).takeUnretainedValue()
    }

    var isStopped: Bool { failure != nil || isCancelled() }

    func send(into buffer: UnsafeMutableRawBufferPointer) -> Int {
        do {
            return try reader.read(into: buffer)
        } catch {
            failure = error
            return Int(CURL_READFUNC_ABORT)
        }
    }

    func seek(to offset: curl_off_t, origin: Int32) -> Int32 {
        guard origin == SEEK_SET else { return Int32(CURL_SEEKFUNC_CANTSEEK) }
        reader.seek(to: Int64(offset))
        return Int32(CURL_SEEKFUNC_OK)
    }

    func receiveHeader(_ bytes: UnsafeRawBufferPointer) -> Int {
        let line = String(decoding: bytes, as: UTF8.self)
        if line.hasPrefix("HTTP/") {
            // A line such as "HTTP/1.1 100 Continue" may come before the one that counts.
            head = ResponseHead(status: line.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0)
        } else if let colon = line.firstIndex(of: ":") {
            head.headers[line[..<colon].lowercased()] = Self.trimmed(line[line.index(after: colon)...])
        } else if head.isSuccess, !hasBegun, let sink {
            // The empty line: the head is complete.
            hasBegun = true
            do { try sink.begin(head) } catch {
                failure = error
                return 0
            }
        }
        return bytes.count
    }

    func receive(_ bytes: UnsafeRawBufferPointer) -> Int {
        if head.isSuccess, let sink {
            do { try sink.write(bytes) } catch {
                failure = error
                return 0
            }
            return bytes.count
        }
        if head.isSuccess {
            guard kept.count + bytes.count <= limit else {
                failure = HubError(.tooLarge, "the server's answer has more than \(limit) bytes; ask for less, for instance by a prefix")
                return 0
            }
            kept.append(contentsOf: bytes)
        } else {
            kept.append(contentsOf: bytes.prefix(Self.errorLimit - kept.count))
        }
        return bytes.count
    }

    private static func trimmed(_ text: Substring) -> String {
        String(text.drop { $0.isWhitespace }.reversed().drop { $0.isWhitespace }.reversed())
    }
}
