/// A request's head, checked: everything after `read` may rely on it.
struct RequestHead {
    var method = Extent.none
    /// The path with its query; of an absolute target the part behind the authority.
    var target = Extent.none
    /// The Host header's value, or the authority of an absolute target, which wins (RFC 9112 section 3.2.2).
    var host = Extent.none
    var framing = Framing.none
    var verb = Verb.other
    var isOldVersion = false
    var keepsAlive = true
    var expectsContinue = false
    var expectsElse = false
    var wantsUpgrade = false

    enum Verb { case get, head, post, options, connect, other }

    static func read(_ bytes: Bytes, _ startLine: Extent, _ fields: inout [Field]) throws(HeadFault) -> RequestHead {
        var head = RequestHead()
        try head.readStartLine(bytes, startLine)
        var hosts = 0
        var hasConnection = false
        for field in fields {
            switch field.kind {
            case .host:
                hosts += 1
                try Target.checkHost(bytes.at(field.value))
                if head.host.isEmpty { head.host = field.value }
            case .connection: hasConnection = true
            case .expect:
                if bytes.at(field.value).isText("100-continue") { head.expectsContinue = true } else { head.expectsElse = true }
            // A newer HTTP is an offer that may be passed over (RFC 9110 section 7.8).
            case .upgrade: head.wantsUpgrade = head.wantsUpgrade || !bytes.at(field.value).isText("h2c")
            default: break
            }
        }
        guard hosts < 2 else { throw .hostRepeated }
        guard hosts == 1 || head.isOldVersion else { throw .hostMissing }
        let tokens = hasConnection ? try ConnectionTokens.read(bytes, &fields) : ConnectionTokens()
        head.keepsAlive = head.isOldVersion ? tokens.hasKeepAlive && !tokens.hasClose : !tokens.hasClose
        // An Upgrade header without its Connection token asks for nothing (RFC 9110 section 7.8).
        head.wantsUpgrade = head.wantsUpgrade && tokens.hasUpgrade
        head.framing = try Framing.read(bytes, fields, isOldVersion: head.isOldVersion) ?? .none
        if head.isOldVersion { head.expectsContinue = false }
        return head
    }

    private mutating func readStartLine(_ bytes: Bytes, _ line: Extent) throws(HeadFault) {
        guard let first = bytes.index(of: 0x20, from: line.start), first < line.end else { throw .badStartLine }
        method = Extent(start: line.start, end: first)
        guard (1...32).contains(method.count), bytes.at(method).allSatisfy(\.isTokenByte) else { throw .badMethod }
        guard let second = bytes.index(of: 0x20, from: first + 1), second < line.end else { throw .badStartLine }
        let version = bytes.at(Extent(start: second + 1, end: line.end))
        if version.isExactly("HTTP/1.0") {
            isOldVersion = true
        } else if !version.isExactly("HTTP/1.1") {
            throw version.begins(with: "HTTP/") && version.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) ? .badVersion : .badStartLine
        }
        let word = bytes.at(method)
        if word.isExactly("GET") {
            verb = .get
        } else if word.isExactly("POST") {
            verb = .post
        } else if word.isExactly("HEAD") {
            verb = .head
        } else if word.isExactly("OPTIONS") {
            verb = .options
        } else if word.isExactly("CONNECT") {
            verb = .connect
        }
        try readTarget(bytes, Extent(start: first + 1, end: second))
    }

    private mutating func readTarget(_ bytes: Bytes, _ whole: Extent) throws(HeadFault) {
        guard !whole.isEmpty else { throw .badTarget }
        for byte in bytes.at(whole) where byte <= 0x20 || byte >= 0x7F || byte == 0x23 { throw .badTarget }
        target = whole
        guard bytes[whole.start] != 0x2F, verb != .connect else { return }
        let text = bytes.at(whole)
        if text.isExactly("*"), verb == .options { return }
        guard whole.count > 7, Bytes(rebasing: text[0..<7]).isText("http://") else { throw .badTarget }
        let authority = whole.start + 7
        var end = authority
        while end < whole.end, bytes[end] != 0x2F, bytes[end] != 0x3F { end += 1 }
        host = Extent(start: authority, end: end)
        guard !host.isEmpty else { throw .badTarget }
        do { try Target.checkHost(bytes.at(host)) } catch { throw .badTarget }
        target = Extent(start: end, end: whole.end)
    }
}
