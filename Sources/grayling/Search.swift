import API
import ArgumentParser
import Client
import Core

struct Search: AsyncParsableCommand, ReportsFailure {
    static let configuration = CommandConfiguration(
        abstract: "Find repos by words in their names and descriptions.",
        discussion: """
              grayling search whale
              grayling search --dataset speech german
            """)

    @Argument(help: "Words; all must be found.")
    var words: [String]

    @Option(name: .long, help: "How many to show at most.")
    var limit: Int = 50

    @OptionGroup var kind: KindOptions
    @OptionGroup var connection: ServerOptions
    var output: OutputOptions { connection.output }

    func run() async throws {
        try await RepoTable.show(
            try connection.session(), try kind.repoKind(), [("search", words.joined(separator: " "))], limit: limit, output)
    }
}

struct List: AsyncParsableCommand, ReportsFailure {
    static let configuration = CommandConfiguration(
        abstract: "List repos, the newest change first.",
        discussion: """
              grayling list
              grayling list acme --dataset
            """)

    @Argument(help: "Only this owner's.")
    var owner: String?

    @Option(name: .long, help: "How many to show at most.")
    var limit: Int = 200

    @OptionGroup var kind: KindOptions
    @OptionGroup var connection: ServerOptions
    var output: OutputOptions { connection.output }

    func run() async throws {
        let query = try owner.map { [("owner", try OwnerName(parsing: $0).text)] } ?? []
        try await RepoTable.show(try connection.session(), try kind.repoKind(), query, limit: limit, output)
    }
}

enum RepoTable {
    static func show(_ session: Session, _ kind: RepoKind, _ query: [(String, String)], limit: Int, _ output: OutputOptions) async throws {
        guard limit > 0 else { throw ValidationError("--limit must be at least 1") }
        let repos: [RepoInfo] = try await session.all(.listRepos, [kind.plural], query: query, limit: limit)
        if output.json { return try Terminal.json(Page(items: repos)) }
        guard !repos.isEmpty else {
            if !output.quiet { Terminal.note("no \(kind.rawValue) found that you can see") }
            return
        }
        Terminal.table(
            [["REPO", "VERSION", "SIZE", "FILES", "UPDATED", ""]]
                + repos.map {
                    [
                        "\($0.owner)/\($0.name)", $0.latestVersion ?? "-", Terminal.size($0.size), "\($0.files)", String($0.updated.prefix(10)),
                        $0.isPrivate ? "private" : ""
                    ]
                })
    }
}
