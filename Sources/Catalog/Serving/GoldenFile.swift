package import Core
import Foundation
package import Release

/// A file of golden checks: one JSON object a line. Only `path` is needed; a `body` is a text, or any
/// JSON, which is sent as it stands.
package enum GoldenFile {
    /// Bytes of a file of checks that are read at most.
    package static let longest = 1 << 20
    package static let mostChecks = 1000

    private struct Line: Decodable {
        let method: String?
        let path: String
        let body: JSONValue?
        let expectStatus: Int?
        let expectContains: [String]?
        let expectJSON: [String: JSONValue]?
        let expectLength: [String: Int]?
    }

    package static func checks(in bytes: [UInt8]) throws -> [GoldenCheck] {
        var checks: [GoldenCheck] = []
        for (index, line) in bytes.split(separator: 0x0A).enumerated() where !line.allSatisfy({ $0 == 0x20 || $0 == 0x0D || $0 == 0x09 }) {
            guard checks.count < mostChecks else { throw HubError(.tooLarge, "a file of golden checks has at most \(mostChecks) lines") }
            do {
                let line = try JSONDecoder().decode(Line.self, from: Data(line))
                checks.append(
                    GoldenCheck(
                        method: line.method ?? "POST", path: line.path, body: line.body?.bodyText ?? "", expectStatus: line.expectStatus ?? 200,
                        expectContains: line.expectContains ?? [], expectJSON: (line.expectJSON ?? [:]).mapValues(\.jsonText),
                        expectLength: line.expectLength ?? [:]))
            } catch {
                throw HubError(
                    .invalidRequest,
                    "line \(index + 1) of the golden checks is not one: expected a JSON object with a path and, where wanted, method, body, expectStatus, expectContains, expectJSON and expectLength"
                )
            }
        }
        guard !checks.isEmpty else { throw HubError(.invalidRequest, "the file of golden checks is empty") }
        return checks
    }
}

extension JSONValue: Encodable {
    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .null: try container.encodeNil()
        case .flag(let flag): try container.encode(flag)
        case .whole(let number): try container.encode(number)
        case .fraction(let number): try container.encode(number)
        case .text(let text): try container.encode(text)
        case .list(let list): try container.encode(list)
        case .object(let members): try container.encode(members)
        }
    }

    fileprivate var jsonText: String { (try? StoredText.encode(self)) ?? "null" }
    fileprivate var bodyText: String { if case .text(let text) = self { text } else { jsonText } }
}
