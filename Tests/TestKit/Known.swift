import Core
import Foundation
import Hashing

/// The values of placeholders, and the comparing of what came with what was expected.
package struct Known {
    package var values: [String: String]
    package init(values: [String: String]) { self.values = values }

    package struct Unknown: Error, CustomStringConvertible { package let description: String }

    /// The text with every placeholder filled in.
    package func fill(_ text: String) throws -> String {
        var out = ""
        for piece in Self.pieces(text) {
            switch piece {
            case .text(let text): out += text
            case .placeholder(let name):
                guard let value = value(name) else { throw Unknown(description: "nothing is known of {\(name)} in '\(text.prefix(80))'") }
                out += value
            }
        }
        return out
    }

    /// Fills in `{sha:…}` and leaves the rest for matching: an object's braces are no placeholder.
    package func fillKnown(_ text: String) -> String {
        text.replacing(/\{sha:([^}]*)\}/) { Digest(of: String($0.1)).hex }
    }

    private func value(_ name: String) -> String? {
        name.hasPrefix("sha:") ? Digest(of: String(name.dropFirst(4))).hex : values[name]
    }

    private enum Piece {
        case text(String)
        case placeholder(String)
    }

    private static func pieces(_ text: String) -> [Piece] {
        var pieces: [Piece] = []
        var rest = text[...]
        while let match = rest.firstMatch(of: /\{(sha:[^}]*|[a-z][a-zA-Z0-9]*|\*)\}/) {
            pieces += [.text(String(rest[..<match.range.lowerBound])), .placeholder(String(match.1))]
            rest = rest[match.range.upperBound...]
        }
        return pieces + [.text(String(rest))]
    }

    /// Whether `text` is what `template` says; learns what it did not know.
    package mutating func matches(_ text: String, _ template: String) throws -> Bool {
        var pattern = ""
        var learnt: [String] = []
        for piece in Self.pieces(template) {
            switch piece {
            case .text(let text): pattern += NSRegularExpression.escapedPattern(for: text)
            case .placeholder("*"): pattern += "[\\s\\S]*"
            case .placeholder(let name):
                if let value = value(name) {
                    pattern += NSRegularExpression.escapedPattern(for: value)
                } else {
                    pattern += "([\\s\\S]+?)"
                    learnt.append(name)
                }
            }
        }
        let whole = NSRange(text.startIndex..., in: text)
        guard let match = try NSRegularExpression(pattern: "^\(pattern)$").firstMatch(in: text, range: whole), match.range == whole else {
            return false
        }
        for (i, name) in learnt.enumerated() {
            if let range = Range(match.range(at: i + 1), in: text) { values[name] = String(text[range]) }
        }
        return true
    }

    /// Where two JSON values part, in words; nil where they agree.
    package mutating func difference(_ found: JSONValue, _ expected: JSONValue, at place: String = "") throws -> String? {
        switch (found, expected) {
        case (.text(let found), .text(let expected)):
            return try matches(found, expected) ? nil : "\(place): '\(found)' instead of '\(expected)'"
        case (.list(let found), .list(let expected)):
            guard found.count == expected.count else { return "\(place): \(found.count) items instead of \(expected.count): \(found)" }
            for (i, pair) in zip(found, expected).enumerated() {
                if let difference = try difference(pair.0, pair.1, at: "\(place)[\(i)]") { return difference }
            }
            return nil
        case (.object(let found), .object(var expected)):
            let isOpen = expected.removeValue(forKey: "...") != nil
            let extra = Set(found.keys).subtracting(expected.keys)
            guard isOpen || extra.isEmpty else { return "\(place): unexpected \(extra.sorted().joined(separator: ", "))" }
            for (key, value) in expected.sorted(by: { $0.key < $1.key }) {
                guard let there = found[key] else { return "\(place).\(key) is missing" }
                if let difference = try difference(there, value, at: "\(place).\(key)") { return difference }
            }
            return nil
        default: return found == expected ? nil : "\(place): \(found) instead of \(expected)"
        }
    }
}

package enum JSONValue: Decodable, Equatable {
    case null
    case flag(Bool)
    case number(Double)
    case text(String)
    case list([JSONValue])
    case object([String: JSONValue])

    package init(from decoder: any Decoder) throws {
        let box = try decoder.singleValueContainer()
        if box.decodeNil() {
            self = .null
        } else if let value = try? box.decode(Bool.self) {
            self = .flag(value)
        } else if let value = try? box.decode(Double.self) {
            self = .number(value)
        } else if let value = try? box.decode(String.self) {
            self = .text(value)
        } else if let value = try? box.decode([JSONValue].self) {
            self = .list(value)
        } else {
            self = .object(try box.decode([String: JSONValue].self))
        }
    }

    package init(_ text: String) throws { self = try JSONDecoder().decode(JSONValue.self, from: Data(text.utf8)) }
}
