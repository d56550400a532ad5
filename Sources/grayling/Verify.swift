import API
import ArgumentParser
import Client
import Core

struct Verify: AsyncParsableCommand, ReportsFailure {
    static let configuration = CommandConfiguration(
        abstract: "Check a pulled folder, or with --store the server's whole store.",
        discussion: """
            A folder is checked without a server, against the lock that 'grayling pull' left beside the files. Missing and \
            changed files are damage (exit status 1); files that the lock does not name are mentioned.

              grayling verify ./whale
              grayling verify --store
            """)

    @Argument(help: "A folder made by 'grayling pull'.", completion: .directory)
    var folder: String?

    @Flag(name: .long, help: "Read every blob of the server again, and check its index.")
    var store = false

    @Option(name: .long, help: ArgumentHelp("With --store: how fast to read; 0 for no limit (default 268435456).", valueName: "bytes"))
    var bytesPerSecond: Int64?

    @OptionGroup var connection: ServerOptions
    var output: OutputOptions { connection.output }

    func validate() throws {
        guard (folder != nil) != store else { throw ValidationError("name a pulled folder, or write --store") }
    }

    func run() async throws {
        guard let folder else { return try await verifyStore() }
        let meter = ProgressMeter()
        let report = try await ProgressLine.watching(meter, output) { try await VerifyFolder.check(folder, progress: meter) }
        if output.json {
            try Terminal.json(report)
        } else {
            for path in report.missing { Terminal.line("missing  \(Terminal.plain(path))") }
            for change in report.changed {
                Terminal.line("changed  \(Terminal.plain(change.path))\n         expected \(change.expected)\n         found    \(change.found)")
            }
            if !output.quiet { for path in report.extra { Terminal.note("extra    \(Terminal.plain(path))") } }
            Terminal.line(summary(report))
        }
        guard report.isIntact else { throw ExitCode(1) }
    }

    private func summary(_ report: FolderReport) -> String {
        let what = "\(report.repo)@\(report.commit.prefix(12))"
        guard !report.isIntact else { return "intact: \(Terminal.count(report.files, "file")) (\(Terminal.size(report.bytes))) of \(what)" }
        return
            "damaged: \(report.missing.count) missing and \(report.changed.count) changed of \(Terminal.count(report.files, "file")) of \(what); 'grayling pull' puts them right"
    }

    private func verifyStore() async throws {
        let session = try connection.session()
        let report: VerifyReport = try await CareLines.follow(session, .verifyStore, body: VerifyRequest(bytesPerSecond: bytesPerSecond), output)
        let isWhole = report.damaged.isEmpty && report.missing.isEmpty && report.problems.isEmpty && report.chainIntact
        if !output.json {
            for digest in report.damaged { Terminal.line("damaged  \(digest) (now in quarantine)") }
            for digest in report.missing { Terminal.line("missing  \(digest)") }
            for problem in report.problems { Terminal.line("problem  \(Terminal.plain(problem))") }
            if !report.chainIntact { Terminal.line("problem  the event log's chain of hashes is broken") }
            Terminal.line("\(isWhole ? "intact" : "damaged"): \(Terminal.count(report.blobs, "blob")), \(Terminal.size(report.bytes))")
        }
        guard isWhole else { throw ExitCode(1) }
    }
}
