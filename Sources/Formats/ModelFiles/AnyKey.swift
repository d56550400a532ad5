import FoundationEssentials

/// A key that is data and not a name of ours.
struct AnyKey: CodingKey {
    let stringValue: String
    let intValue: Int? = nil
    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
}

extension Error {
    /// Where a JSON text is not what it should be, in a few words.
    var sentence: String {
        func place(_ path: [any CodingKey]) -> String {
            path.isEmpty ? "at the top" : "at '\(path.map(\.stringValue).joined(separator: ".").prefix(120))'"
        }
        return switch self as? DecodingError {
        case .keyNotFound(let key, let context): "'\(key.stringValue)' is missing \(place(context.codingPath))"
        case .typeMismatch(_, let context), .valueNotFound(_, let context): "another type was expected \(place(context.codingPath))"
        case .dataCorrupted(let context): "\(context.debugDescription.prefix(120)) \(place(context.codingPath))"
        default: "it cannot be read"
        }
    }
}
