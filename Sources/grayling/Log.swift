import API
import ArgumentParser
import Client
import Core

struct Log: AsyncParsableCommand, ReportsFailure {
    static let configuration = CommandConfiguration(
        abstract: "Show the history of a revision, newest first.",
        discussion: "  grayling log acme/whale --limit 5")

    @Argument(help: ArgumentHelp("Whose history.", valueName: "owner/name[@revision]"))
    var name: String

    @Option(name: .long, help: "How many to show at most.")
    var limit: Int = 50

    @OptionGroup var kind: KindOptions
    @OptionGroup var connection: ServerOptions
    var output: OutputOptions { connection.output }

    func run() async throws {
        guard limit > 0 else { throw ValidationError("--limit must be at least 1") }
        let name = try kind.revisionName(name)
        let revisions: [RevisionInfo] = try await connection.session().all(
            .listRevisions, name.repo.pathValues, query: [("revision", name.revision.description)], limit: limit)
        if output.json { return try Terminal.json(Page(items: revisions)) }
        Terminal.table(
            revisions.map {
                let names = ($0.versions + $0.aliases + $0.branches).joined(separator: ", ")
                let title = $0.message.split(separator: "\n").first.map(String.init) ?? ""
                return [String($0.commit.prefix(12)), String($0.created.prefix(19)), $0.author, names.isEmpty ? title : "(\(names)) \(title)"]
            })
    }
}
