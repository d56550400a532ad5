import Core
import Yams

/// A YAML mapping whose mistakes are reported with their line.
struct YAMLMap {
    private let entries: [String: YAMLValue]
    private let keyLines: [(key: String, line: Int?)]
    private let line: Int?
    private let what: String

    init(_ node: Node, what: String) throws(HubError) {
        line = node.mark?.line
        self.what = what
        guard case .mapping(let mapping) = node else {
            throw HubError(.invalidRequest, YAMLMap.sentence(node.mark?.line, "\(what) must be a mapping of keys to values"))
        }
        var entries: [String: YAMLValue] = [:]
        var keyLines: [(String, Int?)] = []
        for (key, value) in mapping {
            guard case .scalar(let scalar) = key else {
                throw HubError(.invalidRequest, YAMLMap.sentence(key.mark?.line, "a key of \(what) must be a plain word"))
            }
            entries[scalar.string] = YAMLValue(node: value, key: scalar.string)
            keyLines.append((scalar.string, key.mark?.line))
        }
        self.entries = entries
        self.keyLines = keyLines
    }

    /// In the order of the file.
    var keys: [String] { keyLines.map(\.key) }
    func has(_ key: String) -> Bool { entries[key] != nil }
    func optional(_ key: String) -> YAMLValue? { entries[key] }

    func require(_ key: String) throws(HubError) -> YAMLValue {
        guard let value = entries[key] else { throw fail("\(what) has no '\(key)'; it is required") }
        return value
    }

    /// Refuses keys that nothing here reads: a misspelt key must not be a silent default.
    func allow(_ keys: [String]) throws(HubError) {
        for (key, line) in keyLines where !keys.contains(key) {
            throw HubError(
                .invalidRequest,
                Self.sentence(line, "'\(FilePath.printable(key))' is not a key of \(what): expected \(keys.joined(separator: ", "))"))
        }
    }

    func fail(_ reason: String) -> HubError { HubError(.invalidRequest, Self.sentence(line, reason)) }

    /// Adds the line of `key` to what `body` has to say.
    func naming<Value>(_ key: String, _ body: () throws(HubError) -> Value) throws(HubError) -> Value {
        do {
            return try body()
        } catch {
            let at = keyLines.first { $0.key == key }?.line ?? line
            throw HubError(error.code, Self.sentence(at, error.message), details: error.details)
        }
    }

    static func sentence(_ line: Int?, _ reason: String) -> String {
        line.map { "line \($0) of the deploy manifest: \(reason)" } ?? "deploy manifest: \(reason)"
    }
}

struct YAMLValue {
    let node: Node
    let key: String

    /// The text exactly as written, whatever type YAML would make of it.
    var text: String {
        get throws(HubError) {
            guard case .scalar(let scalar) = node else {
                throw HubError(
                    .invalidRequest, YAMLMap.sentence(node.mark?.line, "'\(key)' must be a text; write it in quotes, as \(key): \"1.0\""))
            }
            let isPlain = scalar.style == .plain || scalar.style == .any
            guard !(isPlain && ["", "~", "null", "Null", "NULL"].contains(scalar.string)), !scalar.string.isEmpty else {
                throw HubError(.invalidRequest, YAMLMap.sentence(node.mark?.line, "'\(key)' is empty; write a text, as \(key): \"1.0\""))
            }
            return scalar.string
        }
    }

    var map: YAMLMap {
        get throws(HubError) { try YAMLMap(node, what: "'\(key)'") }
    }

    var list: [Node] {
        get throws(HubError) {
            guard case .sequence(let sequence) = node else {
                throw HubError(.invalidRequest, YAMLMap.sentence(node.mark?.line, "'\(key)' must be a list, each item behind a '-'"))
            }
            return Array(sequence)
        }
    }
}
