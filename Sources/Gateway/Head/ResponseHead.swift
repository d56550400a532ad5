/// An answer's head, checked as strictly as a request's.
struct ResponseHead {
    var status = 0
    /// From the status code to the end of the line: `200 OK`.
    var statusText = Extent.none
    var isOldVersion = false
    var framing = Framing.untilClose
    var keepsAlive = true

    static func read(_ bytes: Bytes, _ line: Extent, _ fields: inout [Field], isHead: Bool) throws(HeadFault) -> ResponseHead {
        var head = ResponseHead()
        let text = bytes.at(line)
        guard text.count >= 12 else { throw .badStartLine }
        if text.begins(with: "HTTP/1.0 ") {
            head.isOldVersion = true
        } else if !text.begins(with: "HTTP/1.1 ") {
            throw .badVersion
        }
        for i in 9..<12 {
            guard text[i].isDigit else { throw .badStartLine }
            head.status = head.status * 10 + Int(text[i] - 0x30)
        }
        guard head.status >= 100, head.status < 600, text.count == 12 || text[12] == 0x20 else { throw .badStartLine }
        do { try HeadReader.refuseControls(bytes, line.start, line.end) } catch { throw .badStartLine }
        head.statusText = Extent(start: line.start + 9, end: line.end)
        let hasConnection = fields.contains { $0.kind == .connection }
        let tokens = hasConnection ? try ConnectionTokens.read(bytes, &fields) : ConnectionTokens()
        head.keepsAlive = head.isOldVersion ? tokens.hasKeepAlive && !tokens.hasClose : !tokens.hasClose
        let framing = try Framing.read(bytes, fields, isOldVersion: head.isOldVersion)
        if isHead || head.status < 200 || head.status == 204 || head.status == 304 {
            head.framing = .none
        } else {
            head.framing = framing ?? .untilClose
        }
        if head.framing == .untilClose { head.keepsAlive = false }
        return head
    }
}
