import API
import ArgumentParser
import Core
import Glibc

/// The manifest that a command is about.
struct ManifestOptions: ParsableArguments {
    @Option(name: .shortAndLong, help: ArgumentHelp("The manifest; '-' reads standard input.", valueName: "manifest"), completion: .file())
    var file: String = "deploy.yaml"

    @Option(name: .long, help: ArgumentHelp("Which endpoint, where the file holds several.", valueName: "name"))
    var endpoint: String?

    /// The file's bytes, checked here first: a mistake needs no server.
    func read() throws -> (bytes: [UInt8], manifest: EndpointManifest) { try Self.read(file, endpoint: endpoint) }

    static func read(_ file: String, endpoint: String?) throws -> (bytes: [UInt8], manifest: EndpointManifest) {
        let bytes = try LocalText.read(file == "-" ? "/dev/stdin" : file, limit: DeployManifest.longest)
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw HubError(.invalidRequest, "'\(FilePath.printable(file))' is not UTF-8 text")
        }
        return (bytes, try EndpointManifest.parse(text, endpoint: endpoint.map { try EndpointName(parsing: $0) }))
    }
}

/// What a person agrees to.
enum Consent {
    static var canAsk: Bool { isatty(STDIN_FILENO) == 1 && Terminal.isInteractive }

    /// Whether the answer begins with a y.
    static func ask(_ question: String) -> Bool {
        Terminal.write("\(Terminal.plain(question)) [y/N] ", to: STDERR_FILENO)
        return readLine().map { $0.lowercased().hasPrefix("y") } ?? false
    }
}

/// A key that makes a repetition of this very command harmless, and no other's.
func makeIdempotencyKey() -> String {
    String((0..<4).map { _ in String(UInt32.random(in: .min ... .max), radix: 36) }.joined(separator: "-"))
}
