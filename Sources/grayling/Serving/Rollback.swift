import API
import ArgumentParser
import Client
import Core
import Foundation

struct Rollback: AsyncParsableCommand, ReportsFailure {
    static let configuration = CommandConfiguration(
        abstract: "Go back to a version that served before.",
        discussion: """
            Makes a release of its own, with the lock of an earlier one: the version that was replaced last, or --to. Its blobs were \
            kept for this, and where its replicas are still warm it serves at once. A release under way is not rolled back by \
            this: abort it.

              grayling rollback chat --reason "answers in the wrong language"
              grayling rollback chat --to chat-4 --watch
              grayling endpoint history chat       (what there is to go back to)
            """)

    @Argument(help: "The endpoint.")
    var endpoint: String

    @Option(name: .long, help: ArgumentHelp("The release to go back to.", valueName: "release"))
    var to: String?

    @Option(name: .long, help: "Why, for the record.")
    var reason: String?

    @Flag(name: .shortAndLong, help: "Follow it until it has ended.")
    var watch = false

    @OptionGroup var connection: ServerOptions
    var output: OutputOptions { connection.output }

    func run() async throws {
        let name = try EndpointName(parsing: endpoint)
        let session = try connection.session()
        let seen: EndpointInfo = try await session.call(.showEndpoint, [name.text])
        let order = RollbackOrder(to: try to.map { try ReleaseID(parsing: $0).description }, reason: reason)
        let made: ReleaseInfo = try await session.call(
            .rollbackEndpoint, [name.text], body: order, headers: [("If-Match", seen.etag), ("Idempotency-Key", makeIdempotencyKey())])
        if output.json { try Terminal.json(made) } else { Terminal.line("\(made.id) goes back to \(PlanText.label(made.to)): \(made.phase)") }
        if watch { try await ReleaseWatcher(session: session, output: output).watch(try ReleaseID(parsing: made.id)) }
    }
}
