import API
import ArgumentParser
import Client
import Core
import Foundation

struct Show: AsyncParsableCommand, ReportsFailure {
    static let configuration = CommandConfiguration(
        abstract: "Show a repo with its versions, or one revision.",
        discussion: """
            With --json the answer for a repo is {"repo": …, "refs": …}; for a revision it is the revision.

              grayling show acme/whale
              grayling show acme/whale@1.0.0
            """)

    @Argument(help: ArgumentHelp("What to show.", valueName: "owner/name[@revision]"))
    var name: String

    @OptionGroup var kind: KindOptions
    @OptionGroup var connection: ServerOptions
    var output: OutputOptions { connection.output }

    func run() async throws {
        let name = try kind.revisionName(name)
        let session = try connection.session()
        if name.isExplicit { try await showRevision(session, name) } else { try await showRepo(session, name.repo) }
    }

    private func showRevision(_ session: Session, _ name: RevisionName) async throws {
        let answer = try await session.bytes(.showRevision, name.repo.pathValues + [name.revision.description])
        if output.json { return Terminal.json(answer) }
        let info = try JSON.decode(RevisionInfo.self, from: Data(answer))
        var rows = [
            ["repo", "\(info.repo) (\(info.kind))"], ["revision", info.commit], ["manifest", info.manifest],
            ["author", info.author], ["created", info.created], ["files", "\(info.files), \(Terminal.size(info.size))"]
        ]
        for (label, values) in [("parents", info.parents), ("branches", info.branches), ("versions", info.versions), ("aliases", info.aliases)]
        where !values.isEmpty {
            rows.append([label, values.joined(separator: ", ")])
        }
        if let reason = info.withdrawn { rows.append(["WITHDRAWN", reason.isEmpty ? "no reason given" : reason]) }
        Terminal.table(rows)
        if !info.message.isEmpty {
            Terminal.line(
                "\n"
                    + info.message.split(separator: "\n", omittingEmptySubsequences: false).map { "    " + Terminal.plain(String($0)) }.joined(
                        separator: "\n"))
        }
    }

    private struct Answer: Encodable {
        let repo: RepoInfo
        let refs: RefsInfo
    }

    private func showRepo(_ session: Session, _ repo: RepoName) async throws {
        let info: RepoInfo = try await session.call(.showRepo, repo.pathValues)
        let refs: RefsInfo = try await session.call(.listRefs, repo.pathValues)
        if output.json { return try Terminal.json(Answer(repo: info, refs: refs)) }
        Terminal.table([
            ["repo", "\(info.owner)/\(info.name) (\(info.kind)\(info.isPrivate ? ", private" : ""))"],
            ["description", info.description.isEmpty ? "-" : info.description],
            ["head", info.head ?? "nothing published yet"], ["files", "\(info.files), \(Terminal.size(info.size))"],
            ["downloads", "\(info.downloads)"], ["updated", info.updated]
        ])
        let all = refs.branches + refs.versions + refs.aliases
        guard !all.isEmpty else { return }
        Terminal.line("")
        Terminal.table(
            [["NAME", "KIND", "REVISION", "SET", "BY", ""]]
                + all.map {
                    [$0.name, $0.kind, String($0.commit.prefix(12)), String($0.at.prefix(19)), $0.by, $0.withdrawn.map { "withdrawn: \($0)" } ?? ""]
                })
    }
}
