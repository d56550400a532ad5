import API
import ArgumentParser
import Client
import Core

/// What all orders share: the release as it is now is read first, and the order counts for just that.
struct OrderOptions: ParsableArguments {
    @OptionGroup var release: ReleaseArgument
    @OptionGroup var connection: ServerOptions

    func give(_ order: (ReleaseInfo) -> ReleaseOrder) async throws {
        let session = try connection.session()
        let seen = try await release.find(session)
        let changed = try await session.order(order(seen), seen)
        if connection.output.json { return try Terminal.json(changed) }
        Terminal.line("\(changed.id) is \(ReleaseText.phase(changed))")
    }
}

struct ReasonOption: ParsableArguments {
    @Option(name: .long, help: "Why, for the record.")
    var reason: String?
}

struct ReleasePause: AsyncParsableCommand, ReportsFailure {
    static let configuration = CommandConfiguration(
        commandName: "pause", abstract: "Keep the weights as they are until somebody resumes.",
        discussion: """
            Analysis goes on: a paused release can still be rolled back by evidence.

              grayling release pause chat --reason "load test at noon"
            """)
    @OptionGroup var order: OrderOptions
    @OptionGroup var why: ReasonOption
    var output: OutputOptions { order.connection.output }
    func run() async throws { try await order.give { _ in .pause(reason: why.reason) } }
}

struct ReleaseResume: AsyncParsableCommand, ReportsFailure {
    static let configuration = CommandConfiguration(
        commandName: "resume", abstract: "Let a paused release go on.",
        discussion: """
            A pause for lack of evidence, for a biased split or for a sick stable version needs a reason.

              grayling release resume chat-7 --reason "the database is back"
            """)
    @OptionGroup var order: OrderOptions
    @OptionGroup var why: ReasonOption
    var output: OutputOptions { order.connection.output }
    func run() async throws { try await order.give { _ in .resume(reason: why.reason) } }
}

struct ReleaseApprove: AsyncParsableCommand, ReportsFailure {
    static let configuration = CommandConfiguration(
        commandName: "approve", abstract: "Approve the step that a release waits in.",
        discussion: """
            Counts for the release, the step, the generation and the lock as they are now, and for nothing else.

              grayling release approve chat-7 --comment "seen the eval"
            """)
    @OptionGroup var order: OrderOptions
    @Option(name: .long, help: "What was looked at, for the record.")
    var comment: String?
    var output: OutputOptions { order.connection.output }
    func run() async throws { try await order.give { _ in .approve(comment: comment) } }
}

struct ReleaseReject: AsyncParsableCommand, ReportsFailure {
    static let configuration = CommandConfiguration(
        commandName: "reject", abstract: "Refuse the approval: the release rolls back.",
        discussion: "  grayling release reject chat-7 --reason \"worse on long prompts\"")
    @OptionGroup var order: OrderOptions
    @OptionGroup var why: ReasonOption
    var output: OutputOptions { order.connection.output }
    func run() async throws { try await order.give { _ in .reject(reason: why.reason) } }
}

struct ReleasePromote: AsyncParsableCommand, ReportsFailure {
    static let configuration = CommandConfiguration(
        commandName: "promote", abstract: "Go on to the bake without the evidence, with a reason.",
        discussion: """
            For the fix that must go out. Evidence of harm is never overruled: where it was shown, this is refused.

              grayling release promote chat-7 --reason "it is the fix for incident 12"
            """)
    @OptionGroup var order: OrderOptions
    @Option(name: .long, help: "Why, for the record.")
    var reason: String
    var output: OutputOptions { order.connection.output }
    func run() async throws { try await order.give { _ in .promote(reason: reason) } }
}

struct ReleaseAbort: AsyncParsableCommand, ReportsFailure {
    static let configuration = CommandConfiguration(
        commandName: "abort", abstract: "Roll a release back, or withdraw it before it began.",
        discussion: """
            All traffic goes back to the stable version at once. A release that succeeded is not aborted: see 'grayling rollback'.

              grayling release abort chat --reason "wrong tokenizer"
            """)
    @OptionGroup var order: OrderOptions
    @OptionGroup var why: ReasonOption
    var output: OutputOptions { order.connection.output }
    func run() async throws { try await order.give { _ in .abort(reason: why.reason) } }
}

struct ReleaseRetry: AsyncParsableCommand, ReportsFailure {
    static let configuration = CommandConfiguration(
        commandName: "retry", abstract: "Make a new release from the lock of one that ended.",
        discussion: "  grayling release retry chat-7 --watch")
    @OptionGroup var release: ReleaseArgument
    @Flag(name: .shortAndLong, help: "Follow the new release until it has ended.")
    var watch = false
    @OptionGroup var connection: ServerOptions
    var output: OutputOptions { connection.output }

    func run() async throws {
        let session = try connection.session()
        let seen = try await release.find(session)
        let made: ReleaseInfo = try await session.call(
            .retryRelease, [seen.id], headers: [("If-Match", seen.etag), ("Idempotency-Key", makeIdempotencyKey())])
        if output.json { try Terminal.json(made) } else { Terminal.line("\(made.id) is \(made.phase), from the lock of \(seen.id)") }
        if watch { try await ReleaseWatcher(session: session, output: output).watch(try ReleaseID(parsing: made.id)) }
    }
}
