/// The SHA-256 name of some bytes. Two blobs with the same digest are one blob.
package struct Digest: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// 64 lowercase hexadecimal digits.
    package let hex: String

    /// Accepts `sha256:<hex>` and bare hex; everything after this line may rely on 64
    /// lowercase hexadecimal digits.
    package init(parsing text: some StringProtocol) throws(HubError) {
        let hex = text.hasPrefix("sha256:") ? String(text.dropFirst(7)) : String(text)
        guard hex.utf8.count == 64, hex.utf8.allSatisfy(\.isLowercaseHexDigit) else {
            throw HubError(
                .invalidDigest,
                "'\(text.prefix(80))' is not a SHA-256 digest: expected 64 lowercase hexadecimal digits, with or without 'sha256:' in front"
            )
        }
        self.hex = hex
    }

    /// Names the 32 bytes of a SHA-256 sum.
    package init(bytes: some Collection<UInt8>) {
        precondition(bytes.count == 32, "a SHA-256 sum has 32 bytes")
        hex = Hex.encode(bytes)
    }

    package var bytes: [UInt8] { Hex.decode(hex)! }
    package var description: String { "sha256:\(hex)" }
    package static func < (a: Digest, b: Digest) -> Bool { a.hex < b.hex }
}

/// The SHA-1 name of a git object: what `git` itself prints. An attribute of our content,
/// never its identity.
package struct GitID: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// 40 lowercase hexadecimal digits.
    package let hex: String

    package init(parsing text: some StringProtocol) throws(HubError) {
        guard text.utf8.count == 40, text.utf8.allSatisfy(\.isLowercaseHexDigit) else {
            throw HubError(
                .unknownRevision, "'\(text.prefix(80))' is not a git object id: expected 40 lowercase hexadecimal digits")
        }
        hex = String(text)
    }

    /// Names the 20 bytes of a SHA-1 sum.
    package init(bytes: some Collection<UInt8>) {
        precondition(bytes.count == 20, "a SHA-1 sum has 20 bytes")
        hex = Hex.encode(bytes)
    }

    package var bytes: [UInt8] { Hex.decode(hex)! }
    package var description: String { hex }
    package static func < (a: GitID, b: GitID) -> Bool { a.hex < b.hex }
}

/// Base 16 by table; `String(format:)` costs hundreds of times as much.
package enum Hex {
    private static let digits = Array("0123456789abcdef".utf8)

    package static func encode(_ bytes: some Collection<UInt8>) -> String {
        String(unsafeUninitializedCapacity: bytes.count * 2) { out in
            var i = 0
            for byte in bytes {
                out[i] = digits[Int(byte >> 4)]
                out[i + 1] = digits[Int(byte & 15)]
                i += 2
            }
            return i
        }
    }

    /// The bytes, or nil where the text is not an even number of hexadecimal digits.
    package static func decode(_ text: some StringProtocol) -> [UInt8]? {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.utf8.count / 2)
        var high: UInt8?
        for unit in text.utf8 {
            let value: UInt8
            switch unit {
            case 0x30...0x39: value = unit - 0x30
            case 0x61...0x66: value = unit - 0x61 + 10
            case 0x41...0x46: value = unit - 0x41 + 10
            default: return nil
            }
            if let first = high {
                bytes.append(first << 4 | value)
                high = nil
            } else {
                high = value
            }
        }
        return high == nil ? bytes : nil
    }
}

extension UInt8 {
    package var isLowercaseHexDigit: Bool { (0x30...0x39).contains(self) || (0x61...0x66).contains(self) }
    package var isASCIIDigit: Bool { (0x30...0x39).contains(self) }
    package var isASCIILetter: Bool { (0x41...0x5A).contains(self) || (0x61...0x7A).contains(self) }
}
