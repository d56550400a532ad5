/// Why a head or a body's framing is refused. Two readers that disagree about where a message
/// ends can be made to see different requests (smuggling), so nothing doubtful is passed on.
enum HeadFault: Error, Hashable {
    case bareLineFeed, bareCarriageReturn, controlByte, foldedLine, spaceBeforeColon, noColon, badName
    case tooLarge, tooManyFields
    case badStartLine, badMethod, badTarget, badVersion
    case lengthAndEncoding, badLength, repeatedLength, badEncoding
    case hostMissing, hostRepeated, badHost, badConnection
    case badChunk, badTrailer

    /// The status that a client gets; from an upstream it is 502 whatever the reason.
    var status: Int {
        switch self {
        case .tooLarge, .tooManyFields: 431
        case .badVersion: 505
        default: 400
        }
    }

    var reason: String {
        switch self {
        case .bareLineFeed: "a line ends with LF alone; lines end with CRLF"
        case .bareCarriageReturn: "CR stands without LF"
        case .controlByte: "a header holds a control character"
        case .foldedLine: "a header line begins with a blank; folded lines are obsolete (RFC 9112 section 5.2)"
        case .spaceBeforeColon: "a blank stands before a header's colon"
        case .noColon: "a header line has no colon"
        case .badName: "a header's name is not a token"
        case .tooLarge: "the head is larger than 64 KiB"
        case .tooManyFields: "the head has more than 256 header lines"
        case .badStartLine: "the first line is not METHOD SP TARGET SP HTTP/1.1"
        case .badMethod: "the method is not a token of at most 32 letters"
        case .badTarget: "the request's target is neither a path nor an absolute http URL, or holds forbidden characters"
        case .badVersion: "only HTTP/1.1 and HTTP/1.0 are spoken here"
        case .lengthAndEncoding: "both Content-Length and Transfer-Encoding are given"
        case .badLength: "Content-Length is not one decimal number"
        case .repeatedLength: "Content-Length is given more than once"
        case .badEncoding: "Transfer-Encoding is not exactly 'chunked'"
        case .hostMissing: "the Host header is missing"
        case .hostRepeated: "the Host header is given more than once"
        case .badHost: "the Host header is not a host with an optional port"
        case .badConnection: "the Connection header names what it must not"
        case .badChunk: "a chunk's size line is wrong"
        case .badTrailer: "the trailer section holds a forbidden or malformed field"
        }
    }
}
