import Core
import Foundation
import Release

extension GoldenCheck {
    /// What is wrong with the answer, for people; nil where it is as expected.
    func objection(status: Int, body: [UInt8]) -> String? {
        guard status == expectStatus else { return "expected status \(expectStatus), got \(status): \(Self.beginning(body))" }
        let text = String(decoding: body, as: UTF8.self)
        for part in expectContains where !text.contains(part) {
            return "the answer does not hold '\(FilePath.printable(part))': \(Self.beginning(body))"
        }
        if expectJSON.isEmpty, expectLength.isEmpty { return nil }
        guard let found = JSONValue.read(body) else { return "the answer is not JSON: \(Self.beginning(body))" }
        for (pointer, expected) in expectJSON.sorted(by: { $0.key < $1.key }) {
            guard let wanted = JSONValue.read(Array(expected.utf8)) else {
                return "the check expects '\(FilePath.printable(expected))' at \(pointer), which is not JSON; write for instance \"text\", 1 or true"
            }
            guard let value = found.at(pointer) else { return "the answer has nothing at \(pointer): \(Self.beginning(body))" }
            if value != wanted { return "expected \(FilePath.printable(expected)) at \(pointer), got \(value.brief)" }
        }
        for (pointer, length) in expectLength.sorted(by: { $0.key < $1.key }) {
            guard case .list(let items)? = found.at(pointer) else { return "the answer has no array at \(pointer): \(Self.beginning(body))" }
            if items.count != length { return "expected an array of \(length) at \(pointer), got \(items.count)" }
        }
        return nil
    }

    static func beginning(_ body: [UInt8]) -> String {
        body.isEmpty ? "(empty)" : FilePath.printable(String(decoding: body.prefix(200), as: UTF8.self))
    }
}

/// A JSON value to compare and to point into; numbers are compared by value, not by how they are written.
enum JSONValue: Hashable, Decodable {
    case null
    case flag(Bool)
    case number(Double)
    case text(String)
    case list([JSONValue])
    case object([String: JSONValue])

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let flag = try? container.decode(Bool.self) {
            self = .flag(flag)
        } else if let number = try? container.decode(Double.self) {
            self = .number(number)
        } else if let text = try? container.decode(String.self) {
            self = .text(text)
        } else if let list = try? container.decode([JSONValue].self) {
            self = .list(list)
        } else {
            self = .object(try container.decode([String: JSONValue].self))
        }
    }

    /// nil where the bytes are not JSON.
    static func read(_ bytes: [UInt8]) -> JSONValue? { try? JSONDecoder().decode(JSONValue.self, from: Data(bytes)) }

    /// RFC 6901: `/` before each name, `~1` for `/` and `~0` for `~` within one; empty for the whole.
    func at(_ pointer: String) -> JSONValue? {
        if pointer.isEmpty { return self }
        guard pointer.hasPrefix("/") else { return nil }
        var value = self
        for part in pointer.dropFirst().split(separator: "/", omittingEmptySubsequences: false) {
            let name = part.split(separator: "~1", omittingEmptySubsequences: false).joined(separator: "/")
                .split(separator: "~0", omittingEmptySubsequences: false).joined(separator: "~")
            switch value {
            case .object(let members):
                guard let member = members[name] else { return nil }
                value = member
            case .list(let items):
                // Section 4: no sign and no leading zero.
                guard let index = Int(name), String(index) == name, items.indices.contains(index) else { return nil }
                value = items[index]
            default: return nil
            }
        }
        return value
    }

    var brief: String {
        switch self {
        case .null: "null"
        case .flag(let flag): String(flag)
        case .number(let number): String(number)
        case .text(let text): "\"\(FilePath.printable(String(text.prefix(80))))\""
        case .list(let items): "an array of \(items.count)"
        case .object: "an object"
        }
    }
}
