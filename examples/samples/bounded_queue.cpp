// SPDX-License-Identifier: MIT
// C++ as it is written for Windows: small classes around handles and locks, the standard library
// beside them, and a thread procedure that is a static member.
// Usage: bounded_queue
#include <windows.h>
#include <process.h>

#include <algorithm>
#include <cstdio>
#include <deque>
#include <memory>
#include <string>
#include <vector>

class Lock
{
  public:
    Lock()
    {
        ::InitializeCriticalSection(&m_cs);
    }
    ~Lock()
    {
        ::DeleteCriticalSection(&m_cs);
    }
    Lock(const Lock &) = delete;
    Lock &operator=(const Lock &) = delete;

    void Enter()
    {
        ::EnterCriticalSection(&m_cs);
    }
    void Leave()
    {
        ::LeaveCriticalSection(&m_cs);
    }
    CRITICAL_SECTION *Get()
    {
        return &m_cs;
    }

  private:
    CRITICAL_SECTION m_cs;
};

struct HandleCloser {
    typedef HANDLE pointer;
    void operator()(HANDLE h) const
    {
        ::CloseHandle(h);
    }
};
typedef std::unique_ptr<void, HandleCloser> unique_handle;

class Queue
{
  public:
    explicit Queue(size_t most) : m_most(most)
    {
        ::InitializeConditionVariable(&m_notEmpty);
        ::InitializeConditionVariable(&m_notFull);
    }

    void Put(const std::string &item)
    {
        m_lock.Enter();
        while (m_items.size() >= m_most)
            ::SleepConditionVariableCS(&m_notFull, m_lock.Get(), INFINITE);
        m_items.push_back(item);
        m_longest = std::max(m_longest, m_items.size());
        m_lock.Leave();
        ::WakeConditionVariable(&m_notEmpty);
    }

    std::string Get()
    {
        m_lock.Enter();
        while (m_items.empty())
            ::SleepConditionVariableCS(&m_notEmpty, m_lock.Get(), INFINITE);
        std::string item = m_items.front();
        m_items.pop_front();
        m_lock.Leave();
        ::WakeConditionVariable(&m_notFull);
        return item;
    }

    size_t Longest() const
    {
        return m_longest;
    }

  private:
    Lock m_lock;
    CONDITION_VARIABLE m_notEmpty, m_notFull;
    std::deque<std::string> m_items;
    size_t m_most;
    size_t m_longest = 0;
};

class Consumer
{
  public:
    Consumer(Queue &queue, volatile LONG *total) : m_queue(queue), m_total(total)
    {
        unsigned id = 0;

        m_thread.reset(
            reinterpret_cast<HANDLE>(_beginthreadex(nullptr, 0, &Consumer::Run, this, 0, &id)));
    }

    HANDLE Thread() const
    {
        return m_thread.get();
    }

  private:
    static unsigned __stdcall Run(void *pv)
    {
        Consumer *self = static_cast<Consumer *>(pv);

        for (std::string item = self->m_queue.Get(); item != "stop"; item = self->m_queue.Get())
            ::InterlockedExchangeAdd(self->m_total, static_cast<LONG>(item.size()));
        return 0;
    }

    Queue &m_queue;
    volatile LONG *m_total;
    unique_handle m_thread;
};

int main()
{
    const int consumers = 3, items = 300;
    volatile LONG total = 0;
    Queue queue(5);
    std::vector<std::unique_ptr<Consumer>> threads;
    std::vector<HANDLE> handles;
    LONG expected = 0;

    for (int i = 0; i < consumers; i++) {
        threads.emplace_back(new Consumer(queue, &total));
        handles.push_back(threads.back()->Thread());
    }
    for (int i = 0; i < items; i++) {
        std::string item(static_cast<size_t>(1 + i % 7), 'x');

        expected += static_cast<LONG>(item.size());
        queue.Put(item);
    }
    for (int i = 0; i < consumers; i++)
        queue.Put("stop");
    ::WaitForMultipleObjects(static_cast<DWORD>(handles.size()), handles.data(), TRUE, INFINITE);
    std::printf("%d items, %ld characters\n", items, static_cast<long>(total));
    return total == expected && queue.Longest() <= 5 ? 0 : 1;
}
