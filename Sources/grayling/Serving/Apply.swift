import API
import ArgumentParser
import Client
import Core
import Foundation
import Release

struct Apply: AsyncParsableCommand, ReportsFailure {
    static let configuration = CommandConfiguration(
        abstract: "Carry out a manifest: release its version by its strategy, or change settings.",
        discussion: """
            Prints the plan first and asks; --yes agrees beforehand, and is needed where nobody can be asked. The command is done \
            when the release is accepted; with --watch it stays until the release has ended, and its exit status says how: 0 \
            succeeded, 1 anything else. The release itself is the server's and does not need this command to go on.

              grayling apply -f deploy.yaml
              grayling apply -f deploy.yaml --yes --watch
              grayling apply -f deploy.yaml --plan sha256:9d1e…   (only what was planned, else nothing)

            Nothing happens where the endpoint, the serving version or what a name leads to changed after the plan.
            """)

    @OptionGroup var manifest: ManifestOptions

    @Option(name: .long, help: ArgumentHelp("Carry out only this plan, as 'grayling plan' printed it.", valueName: "hash"))
    var plan: String?

    @Flag(name: .shortAndLong, help: "Do not ask.")
    var yes = false

    @Flag(name: .shortAndLong, help: "Follow the release until it has ended.")
    var watch = false

    @OptionGroup var connection: ServerOptions
    var output: OutputOptions { connection.output }

    func run() async throws {
        let expected = try plan.map { try Digest(parsing: $0) }
        let read = try manifest.read()
        let session = try connection.session()
        let made = try JSON.decode(PlanInfo.self, from: Data(try await session.plan(read.bytes, endpoint: read.manifest.spec.name)))
        let hash = try Digest(parsing: made.hash)
        if let expected, expected != hash {
            throw HubError(
                .preconditionFailed,
                "the plan is not the one that was agreed to: it is \(hash) now; see what changed with 'grayling plan -f \(manifest.file)'")
        }
        if output.showsProgress { PlanText(made).show(quiet: false) }
        guard made.kind != "nothing" else { return try report(nil, made) }
        try agree(made)
        let applied = try await session.apply(hash, key: makeIdempotencyKey())
        try report(applied, made)
        guard watch, let release = applied.release else { return }
        try await ReleaseWatcher(session: session, output: output).watch(try ReleaseID(parsing: release.id))
    }

    private func agree(_ made: PlanInfo) throws {
        guard !yes else { return }
        guard Consent.canAsk, !output.json else {
            throw HubError(.invalidRequest, "\(made.endpoint) would be changed; say --yes where nobody can be asked")
        }
        let question = made.kind == "release" ? "Release \(PlanText.label(made.to)) to \(made.endpoint)?" : "Change the settings of \(made.endpoint)?"
        guard Consent.ask(question) else { throw HubError(.invalidRequest, "nothing was changed") }
    }

    private struct Answer: Encodable {
        let plan: PlanInfo
        let endpoint: EndpointInfo?
        let release: ReleaseInfo?
        let wasMade: Bool
    }

    private func report(_ applied: AppliedInfo?, _ made: PlanInfo) throws {
        // With --watch the lines that follow are JSON as well: one value a line.
        if output.json {
            return try Terminal.json(
                Answer(plan: made, endpoint: applied?.endpoint, release: applied?.release, wasMade: applied?.wasMade ?? false))
        }
        guard let applied else { return Terminal.line("\(made.endpoint): nothing to do") }
        guard let release = applied.release else { return Terminal.line("\(made.endpoint): the settings are in effect") }
        Terminal.line("\(release.id) is \(release.phase)")
        if !watch, output.showsProgress { Terminal.note("follow it with: grayling release watch \(release.id)") }
    }
}
