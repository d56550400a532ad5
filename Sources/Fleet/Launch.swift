import CLinux
import Core
import Glibc
import Release

/// One start of a model server: what is run, with what, where.
struct Launch: Sendable {
    var command: [String]
    var environment: [String: String]
    var scratch: String
    var log: String
    var record: String
    var confinement: Confinement

    /// The names `${model.path}`, `${port}` and `${slot}` get their values; anything else stays as it is written.
    static func fill(_ text: String, model: String, port: Int, slot: Int) -> String {
        var out = ""
        var rest = text[...]
        while let start = rest.firstRange(of: "${") {
            out += rest[..<start.lowerBound]
            rest = rest[start.lowerBound...]
            guard let end = rest.firstIndex(of: "}") else { break }
            switch rest[...end] {
            case "${model.path}": out += model
            case "${port}": out += String(port)
            case "${slot}": out += String(slot)
            default: out += rest[...end]
            }
            rest = rest[rest.index(after: end)...]
        }
        return out + rest
    }

    /// What every server finds in its environment; the runtime's own entries win.
    static func environment(scratch: String) -> [String: String] {
        func ours(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }
        return [
            "PATH": ours("PATH") ?? "/usr/local/bin:/usr/bin:/bin", "HOME": scratch, "TMPDIR": scratch, "LANG": ours("LANG") ?? "C.UTF-8"
        ]
    }

    /// Runs it, in a session of its own. When this returns, the process is the program, and the record that tells
    /// of it is on disk.
    func start(backend: BackendID, slot: Int, port: Int) throws -> ProcessStamp {
        let program = try find()
        try Files.removeTree(scratch)
        try Files.makeFolders(scratch)
        let ruleset = try confinement.ruleset(scratch: scratch)
        defer { if ruleset >= 0 { close(ruleset) } }
        var launched = clinux_launched()
        let texts = CTexts()
        var launch = clinux_launch(
            program: texts.one(program), arguments: texts.list(command),
            environment: texts.list(environment.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }), folder: texts.one(scratch),
            log: texts.one(log), ruleset: ruleset, shielded: texts.constants(confinement.protected))
        // The process has its own copy of all the texts when this returns.
        let failed = withExtendedLifetime(texts) { clinux_launch_prepare(&launch, &launched) }
        guard failed == 0 else { throw Self.failure("fork", program, failed) }
        let stamp: ProcessStamp
        do {
            guard let found = ProcessStamp.of(launched.pid) else { throw Self.failure("reading /proc", program, ESRCH) }
            stamp = found
            try ReplicaRecord(backend: backend, slot: slot, port: port, process: stamp).write(to: record)
        } catch {
            clinux_launch_cancel(&launched)
            throw error
        }
        var step: CInt = 0
        let number = clinux_launch_go(&launched, &step)
        guard number == 0 else {
            unlink(record)
            throw Self.failure(Self.name(of: step), program, number)
        }
        return stamp
    }

    private func find() throws(HubError) -> String {
        guard let name = command.first, !name.isEmpty else {
            throw HubError(.invalidRequest, "the runtime has no command; name a program and its arguments")
        }
        if name.contains("/") { return name }
        for folder in environment["PATH", default: ""].split(separator: ":") where access("\(folder)/\(name)", X_OK) == 0 {
            if Files.kind("\(folder)/\(name)") != S_IFDIR { return "\(folder)/\(name)" }
        }
        throw HubError(
            .invalidRequest,
            "'\(FilePath.printable(name))' was not found in PATH (\(environment["PATH", default: ""])); name the program by its whole path")
    }

    private static func name(of step: CInt) -> String {
        switch UInt32(bitPattern: step) {
        case CLINUX_STEP_SESSION.rawValue: "setsid"
        case CLINUX_STEP_LOG.rawValue: "opening the log"
        case CLINUX_STEP_FOLDER.rawValue: "entering its folder"
        case CLINUX_STEP_WALLS.rawValue: "confining it"
        case CLINUX_STEP_EXEC.rawValue: "running it"
        default: "starting it"
        }
    }

    private static func failure(_ call: String, _ program: String, _ number: Int32) -> HubError {
        HubError(.unavailable, "'\(FilePath.printable(program))' could not be started: \(call): \(String(cString: strerror(number)))")
    }
}
