import Core
import XetFormat

/// What an address for bytes allows: a span of a xorb that somebody sent, or of one that a plain file is
/// seen as.
enum XorbSlice: Hashable, Sendable {
    case xorb(XetHash, ByteRange)
    case part(of: Digest, size: Int64, index: Int, ByteRange)

    static let purpose = "xet bytes"
    /// An hour: clients ask for new addresses when one has ended.
    static let seconds: Int64 = 3600

    var facts: [String] {
        switch self {
        case .xorb(let hash, let bytes): ["xorb", "\(hash)", "\(bytes.lower)", "\(bytes.upper)"]
        case .part(let digest, let size, let index, let bytes): ["part", digest.hex, "\(size)", "\(index)", "\(bytes.lower)", "\(bytes.upper)"]
        }
    }

    init?(facts: [String]) {
        guard let end = facts.last.flatMap({ Int64($0) }), let start = facts.dropLast().last.flatMap({ Int64($0) }), 0 <= start, start <= end
        else { return nil }
        switch (facts[0], facts.count) {
        case ("xorb", 4):
            guard let hash = try? XetHash(parsing: facts[1]) else { return nil }
            self = .xorb(hash, ByteRange(start, end))
        case ("part", 6):
            guard let digest = try? Digest(parsing: facts[1]), let size = Int64(facts[2]), let index = Int(facts[3]) else { return nil }
            self = .part(of: digest, size: size, index: index, ByteRange(start, end))
        default: return nil
        }
    }
}
