import Core

/// One HTTP request as the transport sends it.
struct Request: Sendable {
    var method: String
    var url: String
    var headers: [(name: String, value: String)] = []
    var body: [BodyPiece] = []
    /// Whether sending it twice does no harm, so that a lost answer may be asked for again.
    var isRepeatable: Bool
    /// Seconds without a byte in either direction before the call is given up: 60, and longer
    /// where the server works before it answers.
    var stallSeconds = 60

    var bodySize: Int64 { body.reduce(0) { $0 + $1.count } }
    var hasBody: Bool { !body.isEmpty || method == "PUT" || method == "POST" || method == "PATCH" }
}

/// A stretch of a request body: bytes at hand, or a part of a file that is read while it is sent.
enum BodyPiece: Sendable {
    case bytes([UInt8])
    case file(FileStamp, ByteRange)

    var count: Int64 {
        switch self {
        case .bytes(let bytes): Int64(bytes.count)
        case .file(_, let range): range.count
        }
    }
}

/// The status line and the headers of an answer.
struct ResponseHead: Sendable {
    var status: Int
    /// Names in lower case; a repeated header keeps its last value.
    var headers: [String: String] = [:]

    var isSuccess: Bool { (200..<300).contains(status) }
    var retryAfter: Double? { headers["retry-after"].flatMap(Double.init).map { min(max($0, 0), 120) } }
}

/// An answer whose body was small enough to keep, or went elsewhere.
struct Response: Sendable {
    var head: ResponseHead
    var body: [UInt8]
}

/// Takes the body of a successful answer as it arrives. Used by one transfer at a time, on the
/// thread that runs it.
protocol BodySink: AnyObject, Sendable {
    /// The head of an answer whose body follows, once per attempt. Throw to refuse it.
    func begin(_ head: ResponseHead) throws
    func write(_ bytes: UnsafeRawBufferPointer) throws
}

/// Why no answer came.
enum TransportFailure: Error, Sendable {
    /// Nobody listens there, or the name is unknown.
    case unreachable(String)
    /// The connection was made and lost, or nothing moved any more.
    case cut(String)
    /// The certificate is not trusted, or the protocol is not what was expected. Trying again
    /// will not help.
    case refused(String)
    case cancelled
}
