import API
import ArgumentParser
import Client
import Core
import Foundation

struct Collect: AsyncParsableCommand, ReportsFailure {
    static let configuration = CommandConfiguration(
        abstract: "Remove blobs that nothing needs any more.",
        discussion: """
            What a branch, version, alias or lock reaches is kept. The rest goes to the trash first, and is gone for good \
            only at a later collection, when it has lain there for the grace. See what would go:

              grayling collect --dry-run
            """)

    @Flag(name: .long, help: "Only say what would be removed.")
    var dryRun = false

    @Option(name: .long, help: ArgumentHelp("Younger blobs stay, and trash is kept this long (default 86400).", valueName: "seconds"))
    var grace: Int64?

    @Flag(
        name: .long,
        help: "Also remove what Xet clients sent within four weeks and no file uses. Their memory of it is made void: they send again.")
    var forgetUploads = false

    @OptionGroup var connection: ServerOptions
    var output: OutputOptions { connection.output }

    func run() async throws {
        let wish = CollectRequest(dryRun: dryRun ? true : nil, graceSeconds: grace, forgetUploads: forgetUploads ? true : nil)
        let answer = try await connection.session().bytes(.collect, body: JSON.encode(wish), patience: 3600)
        if output.json { return Terminal.json(answer) }
        let report = try JSON.decode(CollectReport.self, from: Data(answer))
        if report.dryRun { for digest in report.condemned { Terminal.line(digest) } }
        Terminal.table([
            ["looked at", Terminal.count(report.blobs, "blob")],
            [
                report.dryRun ? "would go to the trash" : "to the trash",
                "\(Terminal.count(report.condemned.count, "blob")), \(Terminal.size(report.condemnedBytes))"
            ],
            [report.dryRun ? "would be taken back from the trash" : "taken back from the trash", Terminal.count(report.restored, "blob")],
            [
                report.dryRun ? "would be gone for good" : "gone for good",
                "\(Terminal.count(report.purged, "blob")), \(Terminal.size(report.purgedBytes))"
            ],
            ["spared for now", Terminal.count(report.spared, "blob")],
            ["expired uploads", "\(report.expiredUploads)"],
            [report.dryRun ? "packs of chunks that would be forgotten" : "packs of chunks forgotten", "\(report.xorbs)"],
            ["kept twice until now", Terminal.count(report.reformed, "blob")]
        ])
    }
}
