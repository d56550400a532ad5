package import Core

/// RFC 3986 percent-decoding. What is not UTF-8 afterwards is refused.
package enum PercentText {
    package static func decode(_ text: some StringProtocol) throws(HubError) -> String {
        guard text.utf8.contains(0x25) else { return String(text) }
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let unit = rest.popFirst() {
            if unit == 0x25 {
                guard rest.count >= 2, let byte = Hex.decode(String(decoding: rest.prefix(2), as: UTF8.self))?.first else { throw malformed(text) }
                bytes.append(byte)
                rest = rest.dropFirst(2)
            } else {
                bytes.append(unit)
            }
        }
        guard let decoded = String(validating: bytes, as: UTF8.self) else { throw malformed(text) }
        return decoded
    }

    private static func malformed(_ text: some StringProtocol) -> HubError {
        HubError(.invalidRequest, "'\(FilePath.printable(text))' is not percent-encoded UTF-8; encode each byte outside A-Z a-z 0-9 - . _ ~ as %XX")
    }
}
