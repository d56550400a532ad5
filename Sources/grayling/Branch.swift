import API
import ArgumentParser
import Client
import Core
import Foundation

struct Branch: AsyncParsableCommand, ReportsFailure {
    static let configuration = CommandConfiguration(
        abstract: "Make a branch, or move one.",
        discussion: """
              grayling branch acme/whale@1.0.0 hotfix
            """)

    @Argument(help: ArgumentHelp("Where it shall stand.", valueName: "owner/name[@revision]"))
    var name: String

    @Argument(help: "The branch.")
    var branch: String

    @OptionGroup var kind: KindOptions
    @OptionGroup var connection: ServerOptions
    var output: OutputOptions { connection.output }

    func run() async throws {
        let name = try kind.revisionName(name)
        let branch = try RefName(parsing: branch)
        let session = try connection.session()
        let refs: RefsInfo = try await session.call(.listRefs, name.repo.pathValues)
        // A branch that exists moves only from where we saw it, so that nobody's work is lost.
        let before = refs.branches.first { $0.name == branch.text }
        let answer = try await session.bytes(
            .setBranch, name.repo.pathValues + [branch.text], body: JSON.encode(SetRef(revision: name.revision.description)),
            headers: before.map { [("If-Match", $0.etag)] } ?? [])
        if output.json { return Terminal.json(answer) }
        let ref = try JSON.decode(RefInfo.self, from: Data(answer))
        Terminal.line("the branch \(ref.name) of \(name.repo) is at \(ref.commit)\(before.map { ", before at \($0.commit)" } ?? "")")
    }
}
