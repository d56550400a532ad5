package import Core

/// Everything that can be set about a server, with where each value came from.
package struct ServerSettings: Sendable {
    package var data = Setting("Storage")
    package var listen = Setting("127.0.0.1:7070")
    package var logFormat = Setting("plain")
    package var logLevel = Setting("info")
    /// Seconds that running transfers have to finish after a stop was asked for.
    package var shutdownSeconds = Setting("30")
    /// Where to write the address once requests are accepted; empty: nowhere.
    package var addressFile = Setting("")
    /// The first token of a new data root; empty: made by chance and printed once.
    package var adminToken = Setting("")
    /// Event loops; 0: one per core.
    package var loops = Setting("0")
    /// Where users' requests to models are taken; empty or `off`: nowhere.
    package var gateway = Setting("127.0.0.1:7080")
    /// Where to write the gateway's address once it takes requests; empty: nowhere.
    package var gatewayAddressFile = Setting("")
    /// Whether model servers outlive this server, for the next one to take over.
    package var keepReplicas = Setting("false")
    /// Folders besides its own that a model server may write in, with colons between.
    package var fleetWritable = Setting("")
    /// What model servers may have together; empty: all of the machine's.
    package var machineMemory = Setting("")

    package init() {}

    /// One value and its source, such as `default`, `--listen`, `GRAYLING_LISTEN`, `file`.
    package struct Setting: Sendable {
        package var value: String
        package var source: String
        package init(_ value: String, source: String = "default") {
            self.value = value
            self.source = source
        }
    }

    /// Each setting by the name it has in a file; `GRAYLING_` and the name in capitals is its variable.
    package static var names: [(name: String, path: WritableKeyPath<ServerSettings, Setting>)] {
        [
            ("data", \.data), ("listen", \.listen), ("log_format", \.logFormat), ("log_level", \.logLevel),
            ("shutdown_seconds", \.shutdownSeconds), ("address_file", \.addressFile), ("admin_token", \.adminToken), ("loops", \.loops),
            ("gateway", \.gateway), ("gateway_address_file", \.gatewayAddressFile), ("keep_replicas", \.keepReplicas),
            ("fleet_writable", \.fleetWritable), ("machine_memory", \.machineMemory)
        ]
    }

    /// Flags win over the environment, the environment over the file, the file over defaults.
    package init(flags: [String: String], environment: [String: String], file: [String: String], fileName: String) throws(HubError) {
        for unknown in file.keys.sorted() where !Self.names.contains(where: { $0.name == unknown }) {
            throw HubError(
                .invalidRequest,
                "\(fileName) has an unknown setting '\(unknown)'; there are \(Self.names.map(\.name).joined(separator: ", "))")
        }
        for (name, path) in Self.names {
            let variable = "GRAYLING_" + name.uppercased()
            if let value = flags[name] {
                self[keyPath: path] = Setting(value, source: "--" + name.replacing("_", with: "-"))
            } else if let value = environment[variable], !value.isEmpty {
                self[keyPath: path] = Setting(value, source: variable)
            } else if let value = file[name] {
                self[keyPath: path] = Setting(value, source: fileName)
            }
        }
    }

    /// One line a setting, with its source. Secrets are not shown.
    package var description: String {
        Self.names.map { name, path in
            let setting = self[keyPath: path]
            let shown = name == "admin_token" && !setting.value.isEmpty ? "(set)" : setting.value
            return "\(name): \(shown.isEmpty ? "\"\"" : shown)  # \(setting.source)\n"
        }.joined()
    }

    func address() throws(HubError) -> (host: String, port: Int) { try Self.address(listen, "listen") }

    /// nil: no gateway is wanted.
    func gatewayAddress() throws(HubError) -> (host: String, port: Int)? {
        gateway.value.isEmpty || gateway.value == "off" ? nil : try Self.address(gateway, "gateway")
    }

    /// What only serving reads is looked at even where nothing is served: a mistake should not wait.
    func checkServing() throws(HubError) {
        _ = try gatewayAddress()
        _ = try flag(keepReplicas, "keep_replicas")
        _ = try folders(fleetWritable, "fleet_writable")
        _ = try bytes(machineMemory, "machine_memory")
    }

    private static func address(_ setting: Setting, _ name: String) throws(HubError) -> (host: String, port: Int) {
        let text = setting.value
        guard let colon = text.lastIndex(of: ":"), let port = Int(text[text.index(after: colon)...]), (0...65_535).contains(port),
            colon > text.startIndex
        else {
            throw HubError(.invalidRequest, "\(name) is '\(text)' (\(setting.source)): expected host:port, such as 127.0.0.1:7070")
        }
        let host = text[..<colon]
        return (String(host.hasPrefix("[") && host.hasSuffix("]") ? host.dropFirst().dropLast() : host), port)
    }

    func number(_ setting: Setting, _ name: String, in range: ClosedRange<Int>) throws(HubError) -> Int {
        guard let number = Int(setting.value), range.contains(number) else {
            throw HubError(
                .invalidRequest,
                "\(name) is '\(setting.value)' (\(setting.source)): expected a number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    func flag(_ setting: Setting, _ name: String) throws(HubError) -> Bool {
        switch setting.value {
        case "true", "yes", "on", "1": return true
        case "false", "no", "off", "0", "": return false
        default: throw HubError(.invalidRequest, "\(name) is '\(setting.value)' (\(setting.source)): expected true or false")
        }
    }

    /// Absolute paths, with colons between.
    func folders(_ setting: Setting, _ name: String) throws(HubError) -> [String] {
        let paths = setting.value.split(separator: ":").map(String.init)
        for path in paths where !path.hasPrefix("/") {
            throw HubError(.invalidRequest, "\(name) has '\(path)' (\(setting.source)): expected absolute paths with ':' between them")
        }
        return paths
    }

    /// Bytes, such as `17179869184`, `16Gi` or `16G`; nil where nothing is set.
    func bytes(_ setting: Setting, _ name: String) throws(HubError) -> Int64? {
        if setting.value.isEmpty { return nil }
        let units: [(String, Int64)] = [
            ("Ki", 1 << 10), ("Mi", 1 << 20), ("Gi", 1 << 30), ("Ti", 1 << 40), ("K", 1_000), ("M", 1_000_000), ("G", 1_000_000_000),
            ("T", 1_000_000_000_000), ("", 1)
        ]
        for (suffix, factor) in units where setting.value.hasSuffix(suffix) {
            guard let count = Int64(setting.value.dropLast(suffix.count)), count > 0 else { break }
            let (bytes, overflows) = count.multipliedReportingOverflow(by: factor)
            if !overflows { return bytes }
        }
        throw HubError(.invalidRequest, "\(name) is '\(setting.value)' (\(setting.source)): expected a number of bytes, such as 16Gi")
    }
}
