import API
import ArgumentParser
import Client
import Core
import Glibc

struct ReleaseWatch: AsyncParsableCommand, ReportsFailure {
    static let configuration = CommandConfiguration(
        commandName: "watch", abstract: "Follow a release until it has ended.",
        discussion: """
            On a terminal: phase, step, weights and evidence, drawn anew as they change. Elsewhere a line for each event, and with \
            --json a JSON value for each. Leaving (Ctrl-C) does not stop the release. Exit status 0 where it succeeded, 1 where it \
            was rolled back, failed, or was withdrawn.

              grayling release watch chat
              grayling release watch chat-7 --json | jq -r .event
            """)

    @OptionGroup var release: ReleaseArgument
    @OptionGroup var connection: ServerOptions
    var output: OutputOptions { connection.output }

    func run() async throws {
        let session = try connection.session()
        let found = try await release.find(session)
        try await ReleaseWatcher(session: session, output: output).watch(try ReleaseID(parsing: found.id))
    }
}

/// Follows a release to its end and ends the command with the status that fits.
struct ReleaseWatcher {
    let session: Session
    let output: OutputOptions

    func watch(_ id: ReleaseID) async throws {
        let last: ReleaseInfo
        if isatty(STDOUT_FILENO) == 1, output.showsProgress {
            last = try await draw(id)
        } else {
            let (isJSON, isQuiet) = (output.json, output.quiet)
            try await session.follow(id) { event in
                if !isQuiet || isJSON { try EventText.show(event, json: isJSON) }
            }
            last = try await session.release(id)
            if output.json { try Terminal.json(last) } else { Terminal.line("\(last.id): \(ReleaseText.phase(last))") }
        }
        guard last.phase == "succeeded" else { throw ExitCode(1) }
    }

    private func draw(_ id: ReleaseID) async throws -> ReleaseInfo {
        var picture = LivePicture()
        var failures = 0
        while true {
            do {
                let release = try await session.release(id)
                let analysis: AnalysisInfo = try await session.call(.showAnalysis, [id.description])
                failures = 0
                picture.draw(WatchView(release: release, analysis: analysis).lines(width: picture.width))
                if release.isTerminal { return release }
            } catch let error as HubError where error.code == .unavailable && failures < 60 {
                // The server may be starting again; the release goes on where it was.
                failures += 1
                picture.draw(["\(id): \(error.message)"])
            }
            try await Task.sleep(for: .milliseconds(500))
        }
    }
}
