import API
import ArgumentParser
import Client
import Core
import Foundation

struct Pin: AsyncParsableCommand, ReportsFailure {
    static let configuration = CommandConfiguration(
        abstract: "Resolve a deploy manifest to digests and write the lock.",
        discussion: """
            The manifest says what is wanted; the lock says what that is, by digest, and is registered with the server, which \
            keeps what it pins. The same manifest over the same revisions gives the same bytes.

              apiVersion: grayling/v1
              kind: Deployment
              metadata:
                name: chat
              spec:
                models:
                  - as: encoder
                    model: acme/whale
                    version: "1.0.0"

              grayling pin -f deploy.yaml
              grayling pin -f deploy.yaml --check      (exit status 1 where the lock is missing or stale)
              grayling pull --lock deploy.lock ./models
            """)

    @Option(name: .shortAndLong, help: ArgumentHelp("The deploy manifest.", valueName: "manifest"), completion: .file())
    var file: String = "deploy.yaml"

    @Option(
        name: .shortAndLong, help: ArgumentHelp("The lock (default: beside the manifest, ending in .lock).", valueName: "lock"), completion: .file())
    var out: String?

    @Flag(name: .long, help: "Write nothing; compare the lock with what the manifest means now.")
    var check = false

    @Flag(name: .long, inversion: .prefixedNo, help: "Tell the server to keep what the lock pins.")
    var register = true

    @Option(name: .long, help: ArgumentHelp("Give up a registered lock instead.", valueName: "digest"))
    var release: String?

    @Flag(name: .long, help: "List the registered locks instead.")
    var list = false

    @OptionGroup var connection: ServerOptions
    var output: OutputOptions { connection.output }

    private var target: String {
        if let out { return out }
        for ending in [".yaml", ".yml"] where file.hasSuffix(ending) { return file.dropLast(ending.count) + ".lock" }
        return file + ".lock"
    }

    func run() async throws {
        let session = try connection.session()
        if list { return try await showLocks(session) }
        if let release {
            _ = try await session.bytes(.releaseLock, [try Digest(parsing: release).description])
            if output.showsProgress { Terminal.note("gave up \(release)") }
            return
        }
        let bytes = try LocalText.read(file, limit: DeployManifest.longest)
        guard let text = String(validating: bytes, as: UTF8.self) else { throw HubError(.invalidRequest, "'\(file)' is not UTF-8 text") }
        let manifest = try DeployManifest.parse(text)
        let meter = ProgressMeter()
        let lock = try await ProgressLine.watching(meter, output) { try await session.pin(manifest, bytes: bytes, progress: meter) }
        if check { return try compare(lock) }
        // First, so that a lock that is written is one that is kept.
        if register { _ = try await session.register(lock) }
        try LocalText.write(lock.bytes, to: target)
        if output.json { return Terminal.json(lock.bytes) }
        Terminal.line("wrote \(target)\(register ? ", registered" : "")")
        Terminal.line("digest  \(lock.digest)")
        if !output.quiet {
            Terminal.table(
                lock.models.map { [$0.alias, "\($0.repo)", $0.asked.description, String($0.commit.hex.prefix(12)), $0.manifest.description] })
        }
    }

    private struct CheckAnswer: Encodable {
        let isCurrent: Bool
        let differences: [String]
    }

    private func compare(_ lock: DeployLock) throws {
        var differences: [String] = []
        if !FileManager.default.fileExists(atPath: target) {
            differences = ["\(target) does not exist"]
        } else {
            let found = try LocalText.read(target, limit: 1 << 30)
            if found != lock.bytes { differences = Self.differences(from: try DeployLock.parse(found), to: lock) }
        }
        if output.json {
            try Terminal.json(CheckAnswer(isCurrent: differences.isEmpty, differences: differences))
        } else if differences.isEmpty {
            Terminal.line("\(target) is current")
        } else {
            for difference in differences { Terminal.line(difference) }
            Terminal.note("grayling: \(target) is stale; write it anew with 'grayling pin -f \(file)'")
        }
        guard differences.isEmpty else { throw ExitCode(1) }
    }

    static func differences(from old: DeployLock, to new: DeployLock) -> [String] {
        var lines: [String] = []
        if old.name != new.name { lines.append("name: \(old.name) -> \(new.name)") }
        if old.manifest != new.manifest { lines.append("the manifest file changed: \(old.manifest) -> \(new.manifest)") }
        let before = Dictionary(uniqueKeysWithValues: old.models.map { ($0.alias, $0) })
        let after = Dictionary(uniqueKeysWithValues: new.models.map { ($0.alias, $0) })
        for model in old.models where after[model.alias] == nil { lines.append("- \(model.alias): \(model.repo) \(model.asked)") }
        for model in new.models {
            guard let was = before[model.alias] else {
                lines.append("+ \(model.alias): \(model.repo) \(model.asked)")
                continue
            }
            if was == model { continue }
            lines.append(
                "~ \(model.alias): \(was.repo) \(was.asked) \(was.commit.hex.prefix(12)) -> \(model.repo) \(model.asked) \(model.commit.hex.prefix(12))"
            )
        }
        return lines
    }

    private func showLocks(_ session: Session) async throws {
        let locks: [LockInfo] = try await session.all(.listLocks)
        if output.json { return try Terminal.json(Page(items: locks)) }
        Terminal.table(locks.map { [$0.digest, $0.name, String($0.registered.prefix(19)), $0.by, $0.models.joined(separator: ", ")] })
    }
}
