import Core

/// Where an external server is: `http://HOST[:PORT][/BASE]`.
enum ExternalAddress {
    static func parse(_ url: String, slot: Int) throws(HubError) -> ReplicaAddress {
        func fail() -> HubError {
            HubError(.invalidRequest, "'\(FilePath.printable(url))' is not the address of a server: expected http://HOST[:PORT][/PATH], without TLS")
        }
        guard url.hasPrefix("http://") else { throw fail() }
        let rest = url.dropFirst(7)
        let authority = rest.prefix { $0 != "/" }
        var base = String(rest.dropFirst(authority.count))
        while base.hasSuffix("/") { base.removeLast() }
        guard !base.contains("?"), !base.contains("#"), !authority.contains("@") else { throw fail() }
        var host = String(authority)
        var port = 80
        let end = authority.hasPrefix("[") ? authority.firstIndex(of: "]") ?? authority.endIndex : authority.startIndex
        if let colon = authority[end...].lastIndex(of: ":") {
            guard let number = Int(authority[authority.index(after: colon)...]), (1...65_535).contains(number) else { throw fail() }
            port = number
            host = String(authority[..<colon])
        }
        if host.hasPrefix("["), host.hasSuffix("]") { host = String(host.dropFirst().dropLast()) }
        guard !host.isEmpty, !host.contains(where: { $0.isWhitespace }) else { throw fail() }
        return ReplicaAddress(slot: slot, host: host, port: port, basePath: base)
    }
}
