import API
import ArgumentParser
import Client
import Core
import Glibc

struct Delete: AsyncParsableCommand, ReportsFailure {
    static let configuration = CommandConfiguration(
        abstract: "Delete a repo, withdraw a version, or remove a branch or an alias.",
        discussion: """
            A repo goes with all its revisions; you are asked to type its name, or say --yes. A withdrawn version stays \
            readable and is marked, for those who pinned it.

              grayling delete acme/whale
              grayling delete acme/whale@1.0.0 --reason "trained on the test set"
              grayling delete acme/whale --branch hotfix
            """)

    @Argument(help: ArgumentHelp("What to delete.", valueName: "owner/name[@version]"))
    var name: String

    @Option(name: .long, help: "Remove this branch only.")
    var branch: String?

    @Option(name: .long, help: "Remove this alias only; its history stays.")
    var alias: String?

    @Option(name: .long, help: "Why the version is withdrawn.")
    var reason: String?

    @Flag(name: .shortAndLong, help: "Do not ask.")
    var yes = false

    @OptionGroup var kind: KindOptions
    @OptionGroup var connection: ServerOptions
    var output: OutputOptions { connection.output }

    func validate() throws {
        guard branch == nil || alias == nil else { throw ValidationError("choose one of --branch and --alias") }
        guard !(name.contains("@") && (branch != nil || alias != nil)) else { throw ValidationError("with --branch or --alias, name only the repo") }
        guard reason == nil || name.contains("@") else {
            throw ValidationError("--reason belongs to a version: grayling delete owner/name@version --reason …")
        }
    }

    func run() async throws {
        let name = try kind.revisionName(name)
        let path = name.repo.pathValues
        let session = try connection.session()
        if let branch {
            _ = try await session.bytes(.deleteBranch, path + [try RefName(parsing: branch).text])
            done("removed the branch \(branch) of \(name.repo)")
        } else if let alias {
            _ = try await session.bytes(.deleteAlias, path + [try RefName(parsing: alias).text])
            done("removed the alias \(alias) of \(name.repo)")
        } else if name.isExplicit {
            guard case .name(let version) = name.revision else {
                throw HubError(.invalidName, "a commit cannot be withdrawn; name a version: \(name.repo)@1.0.0")
            }
            _ = try await session.bytes(.withdrawVersion, path + [version.text], query: reason.map { [("reason", $0)] } ?? [])
            done("withdrew \(name.repo)@\(version); it stays readable for those who pinned it")
        } else {
            try await deleteRepo(session, name.repo)
        }
    }

    private func deleteRepo(_ session: Session, _ repo: RepoName) async throws {
        let info: RepoInfo = try await session.call(.showRepo, repo.pathValues)
        if !yes {
            guard isatty(STDIN_FILENO) == 1 else {
                throw HubError(.invalidRequest, "\(repo) would go with all its revisions; say --yes where nobody can be asked")
            }
            Terminal.write("\(repo) and all its revisions will be gone. Type its name to go on: ", to: STDERR_FILENO)
            guard readLine() == repo.path else { throw HubError(.invalidRequest, "the name was not repeated; nothing was deleted") }
        }
        _ = try await session.bytes(.deleteRepo, repo.pathValues, headers: [("If-Match", info.etag)])
        done("deleted \(repo)")
    }

    private func done(_ sentence: String) {
        if output.showsProgress { Terminal.note(sentence) }
    }
}
