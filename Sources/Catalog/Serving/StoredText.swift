import Core
import Foundation

/// Values as JSON text in a column: the same value always gives the same text.
package enum StoredText {
    package static func encode(_ value: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        encoder.nonConformingFloatEncodingStrategy = .convertToString(positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
        do {
            return String(decoding: try encoder.encode(value), as: UTF8.self)
        } catch {
            throw HubError(.internalError, "a \(type(of: value)) cannot be stored: \(error)")
        }
    }

    package static func decode<Value: Decodable>(_ text: String) throws -> Value { try decode(Value.self, text) }

    package static func decode<Value: Decodable>(_ type: Value.Type, _ text: String) throws -> Value {
        let decoder = JSONDecoder()
        decoder.nonConformingFloatDecodingStrategy = .convertFromString(positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
        do {
            return try decoder.decode(type, from: Data(text.utf8))
        } catch {
            throw damaged("\(type)")
        }
    }

    /// Every leaf of a value as text, by its path, such as `limits.queueSize` or `steps[1].weight`.
    package static func fields(of value: some Encodable) throws -> [String: String] {
        var fields: [String: String] = [:]
        try decode(JSONValue.self, encode(value)).collect("", into: &fields)
        return fields
    }

    /// A text member of a JSON object; nil where it is not there. Cards are other people's text: one
    /// that cannot be read says nothing.
    package static func text(_ member: String, in json: String) -> String? {
        guard case .object(let members)? = try? decode(JSONValue.self, json), case .text(let text)? = members[member] else { return nil }
        return text
    }
}

/// Any JSON.
enum JSONValue: Decodable {
    case null
    case flag(Bool)
    case whole(Int64)
    case fraction(Double)
    case text(String)
    case list([JSONValue])
    case object([String: JSONValue])

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let flag = try? container.decode(Bool.self) {
            self = .flag(flag)
        } else if let number = try? container.decode(Int64.self) {
            self = .whole(number)
        } else if let number = try? container.decode(Double.self) {
            self = .fraction(number)
        } else if let text = try? container.decode(String.self) {
            self = .text(text)
        } else if let list = try? container.decode([JSONValue].self) {
            self = .list(list)
        } else {
            self = .object(try container.decode([String: JSONValue].self))
        }
    }

    func collect(_ path: String, into fields: inout [String: String]) {
        switch self {
        case .null: break
        case .flag(let flag): fields[path] = flag ? "true" : "false"
        case .whole(let number): fields[path] = "\(number)"
        case .fraction(let number): fields[path] = "\(number)"
        case .text(let text): fields[path] = text
        case .list(let list):
            // A command reads better in one line.
            let texts = list.compactMap { if case .text(let text) = $0 { text } else { nil } }
            if texts.count == list.count {
                if !list.isEmpty { fields[path] = texts.joined(separator: " ") }
            } else {
                for (index, member) in list.enumerated() { member.collect("\(path)[\(index)]", into: &fields) }
            }
        case .object(let members):
            for (key, member) in members { member.collect(path.isEmpty ? key : "\(path).\(key)", into: &fields) }
        }
    }
}
