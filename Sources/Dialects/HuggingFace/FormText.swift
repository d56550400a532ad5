import Core
import Wire

/// `a=1&b=2`, as in queries and in bodies of `application/x-www-form-urlencoded`: keys may come
/// several times, and `+` is a space.
struct FormText: Sendable {
    let pairs: [(name: String, value: String)]

    init(_ text: some StringProtocol) throws(HubError) {
        var pairs: [(name: String, value: String)] = []
        for part in text.split(separator: "&") {
            let equals = part.firstIndex(of: "=") ?? part.endIndex
            let value = equals == part.endIndex ? part[equals...] : part[part.index(after: equals)...]
            pairs.append((try Self.decode(part[..<equals]), try Self.decode(value)))
        }
        self.pairs = pairs
    }

    subscript(_ name: String) -> String? { pairs.first { $0.name == name }?.value }
    func all(_ name: String) -> [String] { pairs.filter { $0.name == name }.map(\.value) }
    /// `true`, also in the spellings of other languages.
    func flag(_ name: String) -> Bool { self[name].map { ["true", "True", "1"].contains($0) } ?? false }

    private static func decode(_ text: some StringProtocol) throws(HubError) -> String {
        guard text.utf8.contains(0x2B) else { return try PercentText.decode(text) }
        return try PercentText.decode(String(decoding: text.utf8.map { $0 == 0x2B ? 0x20 : $0 }, as: UTF8.self))
    }
}
