import API
import ArgumentParser
import Client
import Core

struct Publish: AsyncParsableCommand, ReportsFailure {
    static let configuration = CommandConfiguration(
        abstract: "Publish a folder, a file or an archive as a new revision.",
        discussion: """
            Only what the server does not have is sent, and an interrupted publication goes on where it stopped. \
            Archives (.tar, .tar.gz, .tar.zst, .tar.xz, .zip) are published as the files in them. Left out are .git, .DS_Store, \
            __pycache__, .grayling and what a .graylingignore in the folder names (patterns as in .gitignore).

              grayling publish ./whale acme/whale@1.0.0 -m "first weights"
              grayling publish ./whale-q4 acme/whale-q4@1.0.0 --base acme/whale@1.0.0:quantized
            """)

    @Argument(help: "A folder, a file or an archive.", completion: .file())
    var source: String

    @Argument(help: ArgumentHelp("Where it goes, and the version it is named for ever.", valueName: "owner/name[@version]"))
    var name: String

    @Option(name: .shortAndLong, help: "The branch that moves to the new revision (default main).")
    var branch: String?

    @Option(name: .shortAndLong, help: "What has changed.")
    var message: String?

    @Option(
        name: .long,
        help: ArgumentHelp(
            "What it was made from, and how: finetune, adapter, quantized, merge, distilled, dataset or converted. May be repeated.",
            valueName: "owner/name@version[:kind]"))
    var base: [String] = []

    @Option(name: .long, help: ArgumentHelp("Publish only if the branch is still at this revision.", valueName: "commit"))
    var expectHead: String?

    @Flag(name: .long, help: "If this makes the repo: only members can see it.")
    var `private` = false

    @Flag(name: .long, help: "Publish an archive as the one file it is.")
    var asIs = false

    @OptionGroup var kind: KindOptions
    @OptionGroup var connection: ServerOptions
    var output: OutputOptions { connection.output }

    func run() async throws {
        let target = try kind.revisionName(name)
        var options = PublishOptions(repo: target.repo)
        if target.isExplicit {
            guard case .name(let version) = target.revision else {
                throw HubError(.invalidName, "'\(name)' names a commit: write the new version's name behind '@', such as \(target.repo)@1.0.0")
            }
            options.version = version
        }
        options.branch = try branch.map { try RefName(parsing: $0) }
        options.message = message
        options.expectedHead = try expectHead.map { try GitID(parsing: $0) }
        options.isPrivate = `private` ? true : nil
        for claim in base { _ = try LineageClaim(parsing: claim) }
        options.bases = base

        let session = try connection.session()
        let meter = ProgressMeter()
        let summary = try await ProgressLine.watching(meter, output) { [options] in
            try await session.publish(try await PublishSource.open(source, asIs: asIs), options, progress: meter)
        }
        if output.json { return try Terminal.json(Answer(summary)) }
        report(summary, target)
    }

    private func report(_ summary: PublishSummary, _ target: RevisionName) {
        let revision = summary.published.revision
        let version = summary.published.version
        let shown = version.map { "\(target.repo)@\($0)" } ?? "\(target.repo)"
        let there = summary.files - summary.sentFiles
        Terminal.line(summary.published.wasNew ? "published \(shown)" : "nothing has changed: \(shown) stands")
        Terminal.table([["revision", revision.commit], ["manifest", revision.manifest]])
        guard !output.quiet else { return }
        let sent = "sent \(Terminal.size(summary.sentBytes)) in \(summary.sentFiles) of \(Terminal.count(summary.files, "file"))"
        Terminal.line(there > 0 ? "\(sent); \(there) \(there == 1 ? "was" : "were") already there" : sent)
        Terminal.line(
            """

            To pin it in a deploy manifest:
              - as: \(target.repo.name)
                model: \(target.repo)\(target.repo.kind == .dataset ? "\n    kind: dataset" : "")
                \(version.map { "version: \"\($0)\"" } ?? "revision: \(revision.commit)")
                digest: \(revision.manifest)
            """)
    }

    /// The API's answer, and what it cost.
    private struct Answer: Encodable {
        let revision: RevisionInfo
        let version: String?
        let wasNew: Bool
        let files: Int
        let totalBytes: Int64
        let sentFiles: Int
        let sentBytes: Int64

        init(_ summary: PublishSummary) {
            revision = summary.published.revision
            version = summary.published.version
            wasNew = summary.published.wasNew
            files = summary.files
            totalBytes = summary.totalBytes
            sentFiles = summary.sentFiles
            sentBytes = summary.sentBytes
        }
    }
}
