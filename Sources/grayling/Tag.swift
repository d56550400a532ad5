import API
import ArgumentParser
import Client
import Core
import Foundation

struct Tag: AsyncParsableCommand, ReportsFailure {
    static let configuration = CommandConfiguration(
        abstract: "Name a revision for ever: make a version.",
        discussion: """
            A version never moves and its name is never used again.

              grayling tag acme/whale@main 1.0.0
            """)

    @Argument(help: ArgumentHelp("What to name.", valueName: "owner/name[@revision]"))
    var name: String

    @Argument(help: "The new version.")
    var version: String

    @OptionGroup var kind: KindOptions
    @OptionGroup var connection: ServerOptions
    var output: OutputOptions { connection.output }

    func run() async throws {
        let name = try kind.revisionName(name)
        let version = try RefName(parsing: version)
        let answer = try await connection.session().bytes(
            .createVersion, name.repo.pathValues + [version.text], body: JSON.encode(SetRef(revision: name.revision.description)))
        if output.json { return Terminal.json(answer) }
        let ref = try JSON.decode(RefInfo.self, from: Data(answer))
        Terminal.line("\(name.repo)@\(version) is \(ref.commit)")
    }
}
