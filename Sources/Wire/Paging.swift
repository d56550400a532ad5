package import Core
package import Hummingbird

/// The part of a list that a request asks for: `?limit=1…1000&cursor=…`. A cursor is opaque to
/// clients: base 64 of whatever text the list needs to go on.
package struct Paging: Hashable, Sendable {
    package static let limits = 1...1000
    package static let usual = 100

    package let limit: Int
    /// The text behind the cursor; nil for the first page.
    package let after: String?

    package init(limit: Int = Paging.usual, after: String? = nil) {
        self.limit = min(max(limit, Self.limits.lowerBound), Self.limits.upperBound)
        self.after = after
    }

    package init(_ request: Request) throws(HubError) {
        let query = request.uri.queryParameters
        try self.init(limit: query["limit"].map(String.init), cursor: query["cursor"].map(String.init))
    }

    package init(limit: String?, cursor: String?) throws(HubError) {
        var count = Self.usual
        if let limit {
            guard let number = Int(limit), Self.limits.contains(number) else {
                throw HubError(
                    .invalidRequest, "'\(FilePath.printable(limit.prefix(40)))' is not a limit: expected a number from 1 to 1000")
            }
            count = number
        }
        var text: String?
        if let cursor, !cursor.isEmpty {
            guard cursor.utf8.count <= 4096, let bytes = Base64.decode(cursor), let decoded = String(validating: bytes, as: UTF8.self)
            else {
                throw HubError(
                    .invalidRequest, "the cursor is not one of ours: use the one from the page before, unchanged, or leave it out")
            }
            text = decoded
        }
        self.init(limit: count, after: text)
    }

    /// The cursor that leads to what comes after `text`.
    package static func cursor(after text: String) -> String { Base64.encodeURL(text.utf8) }
}
