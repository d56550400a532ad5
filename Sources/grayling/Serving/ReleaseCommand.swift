import API
import ArgumentParser
import Client
import Core
import Foundation

struct ReleaseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "release", abstract: "See releases, follow them, and give them orders.",
        discussion: """
            A release walks a version into traffic step by step; statistics decide, people may. Its name is its endpoint's and a \
            number, such as chat-7; the endpoint's name alone means its release under way, or the last one.

              grayling release list --endpoint chat
              grayling release watch chat
              grayling release approve chat-7 --comment "seen the eval"
              grayling release abort chat --reason "wrong tokenizer"
            """,
        subcommands: [
            ReleaseList.self, ReleaseShow.self, ReleaseWatch.self, ReleaseAnalysis.self, ReleaseLog.self, ReleasePause.self, ReleaseResume.self,
            ReleaseApprove.self, ReleaseReject.self, ReleasePromote.self, ReleaseAbort.self, ReleaseRetry.self
        ])
}

/// The release that a command is about.
struct ReleaseArgument: ParsableArguments {
    @Argument(help: ArgumentHelp("A release, or an endpoint for its release under way or its last.", valueName: "release"))
    var name: String

    /// `chat-7` may also be the name of an endpoint; then the endpoint wins only where there is no such release.
    func find(_ session: Session) async throws -> ReleaseInfo {
        if let id = try? ReleaseID(parsing: name) {
            do {
                return try await session.release(id)
            } catch let error as HubError where error.code == .unknownRelease {
                guard let found = try await last(session) else { throw error }
                return found
            }
        }
        guard let found = try await last(session) else {
            throw HubError(
                .unknownRelease, "there is no release of '\(FilePath.printable(name))' that you can see; 'grayling release list' shows yours")
        }
        return found
    }

    private func last(_ session: Session) async throws -> ReleaseInfo? {
        guard let endpoint = try? EndpointName(parsing: name) else { return nil }
        let newest: [ReleaseInfo] = try await session.all(.listReleases, query: [("endpoint", endpoint.text)], limit: 20)
        return newest.first { !$0.isTerminal } ?? newest.first
    }
}
