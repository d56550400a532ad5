import API
import ArgumentParser
import Client
import Core
import Foundation

struct Diff: AsyncParsableCommand, ReportsFailure {
    static let configuration = CommandConfiguration(
        abstract: "Show which files changed between two revisions of a repo.",
        discussion: """
              grayling diff acme/whale@1.0.0 2.0.0
              grayling diff acme/whale@1.0.0 acme/whale@main
            """)

    @Argument(help: ArgumentHelp("The older revision.", valueName: "owner/name@revision"))
    var from: String

    @Argument(help: ArgumentHelp("The newer one, in the same repo.", valueName: "revision"))
    var to: String = "main"

    @OptionGroup var kind: KindOptions
    @OptionGroup var connection: ServerOptions
    var output: OutputOptions { connection.output }

    func run() async throws {
        let older = try kind.revisionName(from)
        let newer: RevisionSpec
        if to.contains("@") {
            let name = try kind.revisionName(to)
            guard name.repo.folded == older.repo.folded else {
                throw HubError(.invalidRequest, "\(older.repo) and \(name.repo) are two repos; revisions are compared within one")
            }
            newer = name.revision
        } else {
            newer = try RevisionSpec(parsing: to)
        }
        let answer = try await connection.session().bytes(
            .diffRevisions, older.repo.pathValues, query: [("from", older.revision.description), ("to", newer.description)])
        if output.json { return Terminal.json(answer) }
        let diff = try JSON.decode(DiffInfo.self, from: Data(answer))
        Terminal.table(
            diff.added.map { ["+", $0.path, Terminal.size($0.size)] } + diff.removed.map { ["-", $0.path, Terminal.size($0.size)] }
                + diff.changed.map { ["~", $0.path, "\(Terminal.size($0.from.size)) -> \(Terminal.size($0.to.size))"] })
        if !output.quiet { Terminal.note("\(diff.added.count) added, \(diff.removed.count) removed, \(diff.changed.count) changed") }
    }
}
