import Core
import Foundation
import Release
import Yams

extension EndpointManifest {
    /// `prepare.checks`: requests with known good answers, written out.
    static func readChecks(_ map: YAMLMap) throws(HubError) -> [GoldenCheck] {
        var checks: [GoldenCheck] = []
        for item in try map.maps("checks", what: "a check", atMost: 256) {
            try item.allow(["method", "path", "body", "expectStatus", "expectContains", "expectJSON", "expectLength"])
            let path = try checkedPath(try item.require("path").text, "path", in: item)
            let body = try item.optional("body").map { value throws(HubError) in try bodyText(value, in: item) }
            let method = try item.optional("method")?.text ?? (body == nil ? "GET" : "POST")
            guard ["GET", "POST", "PUT", "HEAD"].contains(method) else {
                throw item.at("method", "'method' is '\(FilePath.printable(method))': expected GET, POST, PUT or HEAD")
            }
            var check = GoldenCheck(method: method, path: path, body: body ?? "")
            check.expectStatus = try item.integer("expectStatus", default: 200, in: 100...599)
            check.expectContains = try item.texts("expectContains", atMost: 64)
            if let part = try item.optional("expectJSON")?.map {
                for pointer in part.keys {
                    try checkPointer(pointer, in: part)
                    check.expectJSON[pointer] = try jsonText(try part.require(pointer).node, key: pointer)
                }
            }
            if let part = try item.optional("expectLength")?.map {
                for pointer in part.keys {
                    try checkPointer(pointer, in: part)
                    check.expectLength[pointer] = try part.integer(pointer, default: 0, in: 0...1_000_000_000)
                }
            }
            checks.append(check)
        }
        return checks
    }

    /// RFC 6901, section 3: empty, or parts that each begin with '/'; '~' only as ~0 or ~1.
    private static func checkPointer(_ text: String, in map: YAMLMap) throws(HubError) {
        let parts = text.split(separator: "~", omittingEmptySubsequences: false).dropFirst()
        guard text.isEmpty || text.hasPrefix("/"), parts.allSatisfy({ $0.hasPrefix("0") || $0.hasPrefix("1") }) else {
            throw map.at(
                text, "'\(FilePath.printable(String(text.prefix(80))))' is not a JSON pointer (RFC 6901): expected one such as /data/0/embedding")
        }
    }

    /// A body written as a text is sent as it is, if it is JSON; one written as YAML is sent as
    /// the JSON that it means.
    private static func bodyText(_ value: YAMLValue, in map: YAMLMap) throws(HubError) -> String {
        guard case .scalar = value.node else { return try jsonText(value.node, key: "body") }
        let text = try value.text
        guard (try? JSONSerialization.jsonObject(with: Data(text.utf8), options: .fragmentsAllowed)) != nil else {
            throw map.at("body", "'body' is not JSON: write JSON text in quotes, or the value itself, as body: {input: hello}")
        }
        return text
    }

    private static func jsonText(_ node: Node, key: String, depth: Int = 0) throws(HubError) -> String {
        guard depth < 32 else {
            throw HubError(.invalidRequest, YAMLMap.sentence(node.mark?.line, "'\(FilePath.printable(key))' is nested too deeply"))
        }
        switch node {
        case .scalar(let scalar):
            let isPlain = scalar.style == .plain || scalar.style == .any
            if isPlain {
                if ["null", "~", ""].contains(scalar.string) { return "null" }
                if ["true", "false"].contains(scalar.string) || isJSONNumber(scalar.string) { return scalar.string }
            }
            return quoted(scalar.string)
        case .sequence(let items):
            var parts: [String] = []
            for item in items { parts.append(try jsonText(item, key: key, depth: depth + 1)) }
            return "[\(parts.joined(separator: ","))]"
        case .mapping(let mapping):
            var parts: [String] = []
            for (name, value) in mapping {
                guard case .scalar(let scalar) = name else {
                    throw HubError(.invalidRequest, YAMLMap.sentence(name.mark?.line, "a key of '\(FilePath.printable(key))' must be a plain word"))
                }
                parts.append("\(quoted(scalar.string)):\(try jsonText(value, key: key, depth: depth + 1))")
            }
            return "{\(parts.joined(separator: ","))}"
        case .alias:
            throw HubError(
                .invalidRequest, YAMLMap.sentence(node.mark?.line, "'\(FilePath.printable(key))' refers to another place; write the value out"))
        }
    }

    /// JSON's own grammar of numbers: YAML's octal, hexadecimal and `.5` are texts here.
    private static func isJSONNumber(_ text: String) -> Bool {
        guard let first = text.utf8.first, first == 0x2D || first.isASCIIDigit else { return false }
        return (try? JSONSerialization.jsonObject(with: Data(text.utf8), options: .fragmentsAllowed)) is NSNumber
    }

    private static func quoted(_ text: String) -> String {
        String(decoding: CanonicalJSON.text(text).bytes.dropLast(), as: UTF8.self)
    }
}
