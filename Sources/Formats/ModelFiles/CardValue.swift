/// A value of a card's front matter, as JSON would hold it.
package indirect enum CardValue: Hashable, Sendable {
    case null
    case bool(Bool)
    case int(Int64)
    case double(Double)
    /// Never holds NUL.
    case string(String)
    case list([CardValue])
    /// Keys in the order they were written, each once.
    case object([Member])

    package struct Member: Hashable, Sendable {
        package let key: String
        package let value: CardValue
        package init(_ key: String, _ value: CardValue) {
            self.key = key
            self.value = value
        }
    }

    package static let empty = CardValue.object([])

    /// The value under a key; nil also where this is no object.
    package subscript(_ key: String) -> CardValue? {
        guard case .object(let members) = self else { return nil }
        return members.first { $0.key == key }?.value
    }

    package var text: String? {
        if case .string(let text) = self { text } else { nil }
    }

    /// One text, or the texts of a list; whatever else is in it is left out. Cards write a single
    /// value without a list.
    package var texts: [String] {
        switch self {
        case .string(let text): [text]
        case .list(let items): items.compactMap(\.text)
        default: []
        }
    }
}
