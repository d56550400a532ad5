/// The answer's own words in an OpenAI body: all texts under `content` or `text`, joined, so that
/// ids and times do not make two equal answers different. Reads event streams as well.
enum AnswerText {
    static func read(_ body: [UInt8]) -> [UInt8]? {
        body.withUnsafeBytes { bytes in
            var out: [UInt8] = []
            var hasFound = false
            var at = 0
            while at < bytes.count {
                guard let quote = bytes.index(of: 0x22, from: at) else { break }
                guard let end = closing(bytes, quote + 1) else { break }
                let key = Bytes(rebasing: bytes[quote + 1..<end])
                at = end + 1
                guard key.isExactly("content") || key.isExactly("text") else { continue }
                while at < bytes.count, bytes[at].isJSONBlank || bytes[at] == 0x3A { at += 1 }
                guard at < bytes.count, bytes[at] == 0x22, let over = closing(bytes, at + 1) else { continue }
                hasFound = true
                var escape = TextEscape()
                for byte in bytes[(at + 1)..<over] {
                    switch escape.take(byte) {
                    case .byte(let byte): out.append(byte)
                    case .scalar(let scalar): out.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
                    default: continue
                    }
                }
                at = over + 1
            }
            return hasFound ? out : nil
        }
    }

    /// Where the text ends that began before `start`.
    private static func closing(_ bytes: Bytes, _ start: Int) -> Int? {
        var at = start
        while at < bytes.count {
            if bytes[at] == 0x22 { return at }
            at += bytes[at] == 0x5C ? 2 : 1
        }
        return nil
    }
}
