import ArgumentParser
import Client
import Core
import Foundation

/// How a command speaks.
struct OutputOptions: ParsableArguments {
    @Flag(name: .long, help: "Answer in JSON on standard output.")
    var json = false

    @Flag(name: .shortAndLong, help: "Show no progress and no notes, only results and failures.")
    var quiet = false

    var showsProgress: Bool { !json && !quiet }
}

/// Which server, and as whom.
struct ServerOptions: ParsableArguments {
    @Option(
        name: .long,
        help: ArgumentHelp("The server (or GRAYLING_URL; else that of the last login, else \(ServerAddress.standard)).", valueName: "url"))
    var server: String?

    @Option(name: .long, help: ArgumentHelp("The token (or GRAYLING_TOKEN; else what 'grayling login' saved).", valueName: "token"))
    var token: String?

    @OptionGroup var output: OutputOptions

    private static var environment: [String: String] { ProcessInfo.processInfo.environment }

    static func credentials() throws -> Credentials {
        try Credentials(at: Credentials.standardLocation(environment: environment))
    }

    func address() throws -> ServerAddress {
        let fromEnvironment = Self.environment["GRAYLING_URL"].flatMap { $0.isEmpty ? nil : $0 }
        if let given = server ?? fromEnvironment { return try ServerAddress(parsing: given) }
        return try ServerAddress(parsing: try Self.credentials().last ?? ServerAddress.standard)
    }

    func session() throws -> Session {
        let address = try address()
        let fromEnvironment = Self.environment["GRAYLING_TOKEN"].flatMap { $0.isEmpty ? nil : $0 }
        // The saved file is not even read where a token is given.
        let chosen = try token ?? fromEnvironment ?? Self.credentials().token(for: address)
        return try Session(server: address, token: chosen)
    }
}

/// Whether a name means a model or a dataset.
struct KindOptions: ParsableArguments {
    @Flag(name: .long, help: "The name is a dataset's, not a model's.")
    var dataset = false

    @Option(name: .long, help: ArgumentHelp("model or dataset.", valueName: "kind"))
    var kind: String?

    func repoKind() throws -> RepoKind {
        guard let kind else { return dataset ? .dataset : .model }
        guard let parsed = RepoKind(rawValue: kind) else { throw ValidationError("'\(kind)' is not a kind of repo: expected model or dataset") }
        return parsed
    }

    func revisionName(_ text: String) throws -> RevisionName { try RevisionName(try repoKind(), parsing: text) }
    func repoName(_ text: String) throws -> RepoName { try RepoName(try repoKind(), parsing: text) }
}
