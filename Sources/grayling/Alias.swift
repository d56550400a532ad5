import API
import ArgumentParser
import Client
import Core
import Foundation

struct Alias: AsyncParsableCommand, ReportsFailure {
    static let configuration = CommandConfiguration(
        abstract: "Point an alias at a revision, remove one, or see where it pointed.",
        discussion: """
            An alias such as 'champion' moves, and every move is kept with who and when.

              grayling alias acme/whale@1.0.0 champion
              grayling alias acme/whale champion --history
            """)

    @Argument(help: ArgumentHelp("The revision it shall mean.", valueName: "owner/name[@revision]"))
    var name: String

    @Argument(help: "The alias.")
    var alias: String

    @Flag(name: .long, help: "Remove the alias; its history stays.")
    var delete = false

    @Flag(name: .long, help: "Show where it pointed, newest first.")
    var history = false

    @OptionGroup var kind: KindOptions
    @OptionGroup var connection: ServerOptions
    var output: OutputOptions { connection.output }

    func validate() throws {
        guard !(delete && history) else { throw ValidationError("choose one of --delete and --history") }
    }

    func run() async throws {
        let name = try kind.revisionName(name)
        let path = name.repo.pathValues + [try RefName(parsing: alias).text]
        let session = try connection.session()
        if history { return try await showHistory(session, path) }
        if delete {
            _ = try await session.bytes(.deleteAlias, path)
            if output.showsProgress { Terminal.note("removed the alias \(alias) of \(name.repo)") }
            return
        }
        let answer = try await session.bytes(.setAlias, path, body: JSON.encode(SetRef(revision: name.revision.description)))
        if output.json { return Terminal.json(answer) }
        let ref = try JSON.decode(RefInfo.self, from: Data(answer))
        Terminal.line("\(name.repo)@\(ref.name) is now \(ref.commit)")
    }

    private func showHistory(_ session: Session, _ path: [String]) async throws {
        let answer = try await session.bytes(.showAliasHistory, path)
        if output.json { return Terminal.json(answer) }
        let page = try JSON.decode(Page<AliasMove>.self, from: Data(answer))
        Terminal.table(
            page.items.map {
                [
                    String($0.at.prefix(19)), $0.by, $0.from.map { String($0.prefix(12)) } ?? "(made)", "->",
                    $0.to.map { String($0.prefix(12)) } ?? "(deleted)"
                ]
            })
    }
}
