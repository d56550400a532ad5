import Core
import Release
import Yams

extension EndpointManifest {
    static func readRuntime(_ map: YAMLMap) throws(HubError) -> (spec: RuntimeSpec, accelerator: Accelerator?) {
        try map.allow([
            "command", "urls", "digest", "env", "replicas", "resources", "readiness", "scaleToZero", "drainDeadline", "restart"
        ])
        guard map.has("command") != map.has("urls") else {
            throw map.fail(
                "a runtime has either 'command', for a process that is started here, or 'urls', for servers that somebody else runs: write one of them"
            )
        }
        let isExternal = map.has("urls")
        if isExternal {
            for key in ["env", "replicas", "resources", "scaleToZero", "restart"] where map.has(key) {
                throw map.at(key, "'\(key)' cannot be honoured for 'urls': those servers are started and stopped by somebody else")
            }
        }
        let kind = isExternal ? try readURLs(map) : try readCommand(map)
        var spec = RuntimeSpec(kind: kind.kind, replicas: kind.count)
        if let text = try map.optional("digest")?.text {
            spec.digest = try map.naming("digest") { () throws(HubError) in try Digest(parsing: text) }
        }
        if map.has("env") { spec.environment = try readEnvironment(map) }
        spec.replicas = try map.integer("replicas", default: kind.count, in: 1...64)
        var accelerator: Accelerator?
        if let resources = try map.section("resources", ["memory", "accelerator"]) {
            spec.memory = try resources.size("memory") ?? 0
            if let part = try resources.section("accelerator", ["count", "memory"]) {
                accelerator = Accelerator(count: try part.integer("count", default: 1, in: 0...64), memory: try part.size("memory"))
            }
        }
        if let readiness = try map.section("readiness", ["path", "deadline", "grace"]) {
            if let path = try readiness.optional("path")?.text { spec.readiness.path = try checkedPath(path, "path", in: readiness) }
            spec.readiness.deadline = try readiness.duration("deadline", default: spec.readiness.deadline, from: 100, to: 86_400_000)
            spec.readiness.grace = try readiness.duration("grace", default: spec.readiness.grace, to: 86_400_000)
        }
        if let scale = try map.section("scaleToZero", ["idle", "minResident"]) {
            _ = try scale.require("idle")
            spec.scaleToZero = RuntimeSpec.ScaleToZero(
                idle: try scale.duration("idle", default: 0, from: 100),
                minResident: try scale.duration("minResident", default: 120_000))
        }
        spec.drainDeadline = try map.duration("drainDeadline", default: spec.drainDeadline, to: 7 * 86_400_000)
        if let restart = try map.section("restart", ["attempts", "firstDelay", "longestDelay"]) {
            spec.restart.attempts = try restart.integer("attempts", default: spec.restart.attempts, in: 1...100)
            spec.restart.firstDelay = try restart.duration("firstDelay", default: spec.restart.firstDelay, from: 1, to: 3_600_000)
            spec.restart.longestDelay = try restart.duration(
                "longestDelay", default: max(spec.restart.longestDelay, spec.restart.firstDelay), from: spec.restart.firstDelay, to: 3_600_000)
        }
        return (spec, accelerator)
    }

    static func checkedPath(_ path: String, _ key: String, in map: YAMLMap) throws(HubError) -> String {
        guard path.hasPrefix("/"), path.utf8.count <= 2048, path.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
            throw map.at(key, "'\(key)' is '\(FilePath.printable(String(path.prefix(80))))': expected a path that begins with '/', such as /health")
        }
        return path
    }

    private static func readCommand(_ map: YAMLMap) throws(HubError) -> (kind: RuntimeSpec.Kind, count: Int) {
        let command = try map.texts("command", atMost: 1024)
        guard !command.isEmpty else { throw map.at("command", "'command' is empty: write the program and its arguments as a list") }
        for word in command {
            for name in placeholders(word) where !["model.path", "port", "slot"].contains(name) {
                throw map.at(
                    "command", "${\(FilePath.printable(String(name.prefix(80))))} is not known: expected ${model.path}, ${port} or ${slot}")
            }
            guard !word.utf8.contains(0) else { throw map.at("command", "an argument holds a zero byte") }
        }
        guard command.contains(where: { placeholders($0).contains("port") }) else {
            throw map.at("command", "'command' never mentions ${port}: the server has to listen on the port that it is given, as in --port ${port}")
        }
        return (.process(command: command), 1)
    }

    /// The names between `${` and `}`.
    private static func placeholders(_ text: String) -> [String] {
        var names: [String] = []
        var rest = text[...]
        while let open = rest.firstRange(of: "${") {
            rest = rest[open.upperBound...]
            guard let end = rest.firstIndex(of: "}") else { break }
            names.append(String(rest[..<end]))
            rest = rest[rest.index(after: end)...]
        }
        return names
    }

    private static func readURLs(_ map: YAMLMap) throws(HubError) -> (kind: RuntimeSpec.Kind, count: Int) {
        let urls = try map.texts("urls", atMost: 64)
        guard !urls.isEmpty else { throw map.at("urls", "'urls' is empty: name at least one server") }
        for (i, url) in urls.enumerated() {
            guard isPlainURL(url) else {
                throw map.at(
                    "urls",
                    "'\(FilePath.printable(String(url.prefix(80))))' is not a server's address: expected http://HOST:PORT, with a path if need be and without TLS, such as http://10.0.0.7:8000/v1"
                )
            }
            guard !urls[..<i].contains(url) else { throw map.at("urls", "the address \(url) is written twice") }
        }
        return (.external(urls: urls), urls.count)
    }

    private static func isPlainURL(_ text: String) -> Bool {
        guard text.hasPrefix("http://"), text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else { return false }
        let rest = text.dropFirst(7)
        let authority = rest.prefix { $0 != "/" }
        guard !rest.contains("?"), !rest.contains("#"), !authority.contains("@"), let colon = authority.lastIndex(of: ":") else { return false }
        let host = authority[..<colon]
        guard let port = Int(authority[authority.index(after: colon)...]), (1...65_535).contains(port) else { return false }
        return !host.isEmpty && host.utf8.count <= 253
    }

    private static func readEnvironment(_ map: YAMLMap) throws(HubError) -> [String: String] {
        let part = try map.require("env").map
        var environment: [String: String] = [:]
        for name in part.keys {
            guard let first = name.utf8.first, !first.isASCIIDigit, name.utf8.count <= 128,
                name.utf8.allSatisfy({ $0.isASCIILetter || $0.isASCIIDigit || $0 == 0x5F })
            else {
                throw part.at(name, "'\(FilePath.printable(String(name.prefix(80))))' is not the name of an environment variable")
            }
            environment[name] = try part.require(name).text
        }
        return environment
    }
}
